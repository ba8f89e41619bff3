package io.prunegrid.job.cli;

import io.prunegrid.channel.Counts;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.KeptChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.channel.MacConvention;
import io.prunegrid.data.Part;
import io.prunegrid.job.sweep.GridMethod;
import io.prunegrid.job.sweep.SingleCell;
import io.prunegrid.pipeline.GlobCheck;
import io.prunegrid.pipeline.Pruner;
import io.prunegrid.pipeline.SinglePruning;
import io.prunegrid.pipeline.Workbench;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prunegrid prune}. */
@Command(
    name = "prune",
    mixinStandardHelpOptions = true,
    description = {
      "Removes a model's least important channels, or masks its least important weights.",
      "--subset chooses the images that score; the head stays whole unless --set head=subset."
    },
    footer = {
      "",
      "Example:  prunegrid prune --model FOLDER --method ln --ratio 0.5 --round-to 8 --out smaller"
    })
final class PruneCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @ArgGroup(validate = false, heading = SelectionOptions.HEADING)
  private SelectionOptions selection = new SelectionOptions();

  @Option(
      names = "--ratio",
      paramLabel = "R",
      required = true,
      description = "Share of the channels or weights that goes, in [0, 1).")
  private String ratio;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Save the pruned model as a model folder, for --model.")
  private Path out;

  @Override
  public Integer call() {
    Answer answer = common.answer();
    Map<String, String> options = new LinkedHashMap<>(selection.given());
    options.put("ratio", ratio);
    SingleCell.Choices choices = common.choices(options);
    GridMethod chosen = common.method(choices, spec.commandLine());
    Part part = common.part(Part.TRAIN);
    Workbench bench = Workbench.open(choices.model(), common.data());
    CoupledChannels channels = CoupledChannels.of(bench.model().model().graph());
    GlobCheck.refuseUnmatched(channels, chosen.selection());
    SinglePruning pruning =
        new SinglePruning(
            bench,
            channels,
            chosen.method(),
            chosen.selection(),
            choices.ratio().orElseThrow(),
            choices.head());
    SinglePruning.Result result =
        pruning.run(part, common.subset(), choices.seed(), common::engine);
    if (out != null) {
      result.save(out);
    }
    answer.give(spec.commandLine().getOut(), () -> json(result), writer -> print(writer, result));
    return 0;
  }

  private static Map<String, Object> json(SinglePruning.Result result) {
    Map<String, Object> layers = new LinkedHashMap<>();
    result
        .layers()
        .forEach(
            (name, kept) -> {
              Map<String, Object> sides = new LinkedHashMap<>();
              sides.put("out", side(kept.out()));
              kept.in().ifPresent(in -> sides.put("in", side(in)));
              layers.put(name, sides);
            });
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("params", change(result.before().parameters(), result.after().parameters()));
    json.put("macs", change(result.before().macs(), result.after().macs()));
    json.put("fvcoreMacs", change(MacConvention.FVCORE, result));
    json.put("tpMacs", change(MacConvention.TORCH_PRUNING, result));
    if (result.nonzero().parameters() < result.after().parameters()) {
      Map<String, Object> nonzero = new LinkedHashMap<>();
      nonzero.put("params", result.nonzero().parameters());
      nonzero.put("macs", result.nonzero().macs());
      json.put("nonzero", nonzero);
    }
    json.put("layers", layers);
    return json;
  }

  private static Map<String, Object> side(KeptChannels kept) {
    Map<String, Object> side = new LinkedHashMap<>();
    side.put("of", kept.of());
    side.put("kept", kept.kept());
    return side;
  }

  private static Map<String, Long> change(MacConvention convention, SinglePruning.Result result) {
    return change(convention.total(result.original()), convention.total(result.model().graph()));
  }

  private static Map<String, Long> change(long before, long after) {
    Map<String, Long> change = new LinkedHashMap<>();
    change.put("before", before);
    change.put("after", after);
    return change;
  }

  private void print(PrintWriter writer, SinglePruning.Result result) {
    for (Map.Entry<String, LayerKept> layer : result.layers().entrySet()) {
      LayerKept kept = layer.getValue();
      writer.printf(
          "%-32s out %5d of %5d%s%n",
          layer.getKey(),
          kept.out().count(),
          kept.out().of(),
          kept.in().map(in -> String.format("   in %5d of %5d", in.count(), in.of())).orElse(""));
    }
    Pruner.Outcome outcome = result.outcome();
    writer.printf(
        "removed %,d of %,d prunable %s%n",
        outcome.removed(),
        outcome.prunable(),
        outcome.layers().values().stream().allMatch(kept -> kept.out().isWhole())
                && outcome.removed() > 0
            ? "weights"
            : "channels");
    print(writer, "parameters", result.before().parameters(), result.after().parameters());
    print(writer, "MACs", result.before().macs(), result.after().macs());
    Counts nonzero = result.nonzero();
    if (nonzero.parameters() < result.after().parameters()) {
      writer.printf(
          "%-12s %,d parameters and %,d MACs%n", "not zero", nonzero.parameters(), nonzero.macs());
    }
    if (out != null) {
      writer.println("model folder: " + out);
    }
  }

  private static void print(PrintWriter writer, String what, long before, long after) {
    writer.printf(
        "%-12s %,d -> %,d (%.1f %% less)%n",
        what, before, after, 100.0 * (before - after) / before);
  }
}
