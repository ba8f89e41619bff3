package io.prunegrid.job.cli;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Unit;
import io.prunegrid.data.Part;
import io.prunegrid.format.SelectionFile;
import io.prunegrid.job.sweep.GridMethod;
import io.prunegrid.job.sweep.SingleCell;
import io.prunegrid.pipeline.ChosenChannels;
import io.prunegrid.pipeline.ChosenPruning;
import io.prunegrid.pipeline.PruningCheck;
import io.prunegrid.pipeline.SinglePruning;
import io.prunegrid.pipeline.SinglePruning.Masks;
import io.prunegrid.pipeline.Workbench;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
      "Examples:",
      "  prunegrid prune --model FOLDER --method ln --ratio 0.5 --round-to 8 --out smaller",
      "  prunegrid prune --model FOLDER --method ln --ratio 0.5 --dry-run --select-json"
          + " chosen.json",
      "  prunegrid prune --model FOLDER --from-selection chosen.json --out smaller"
    })
final class PruneCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @ArgGroup(validate = false, heading = SelectionOptions.HEADING)
  private SelectionOptions selection = new SelectionOptions();

  @Option(
      names = "--ratio",
      paramLabel = "R",
      description = "Share of the channels or weights that goes, in [0, 1).")
  private String ratio;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Save the pruned model as a model folder, for --model.")
  private Path out;

  @Option(names = "--dry-run", description = "Say what would go, and save no model.")
  private boolean dryRun;

  @Option(
      names = "--select-json",
      paramLabel = "FILE",
      description = "Write the channels that go, layer by layer, for --from-selection.")
  private Path selectJson;

  @Option(
      names = "--from-selection",
      paramLabel = "FILE",
      description =
          "Remove just the channels that a file of --select-json lists, perhaps edited, in place of"
              + " a method's.")
  private Path fromSelection;

  @Option(
      names = "--make-permanent",
      description =
          "Save zeros in place of masked weights and forget what they were; without a method, of"
              + " a model folder that carries masks.")
  private boolean makePermanent;

  @Override
  public Integer call() {
    Answer answer = common.answer();
    refuseTogether();
    if (isPermanentAlone()) {
      return permanent(answer);
    }
    SinglePruning.Result result = fromSelection == null ? byMethod() : bySelection();
    if (out != null) {
      result.save(out);
    }
    PruneText text = new PruneText(result, Optional.ofNullable(out));
    answer.give(spec.commandLine().getOut(), text::json, text::print);
    return 0;
  }

  private boolean isPermanentAlone() {
    return makePermanent && fromSelection == null && !common.scoring().contains("--method");
  }

  private Masks masks() {
    return makePermanent ? Masks.PERMANENT : Masks.KEPT;
  }

  private void refuseTogether() {
    List<String> problems = new ArrayList<>();
    if (dryRun && out != null) {
      problems.add("--dry-run saves no model; leave --out or --dry-run out");
    }
    if (fromSelection != null || isPermanentAlone()) {
      List<String> given = new ArrayList<>(common.scoring());
      if (ratio != null) {
        given.add("--ratio");
      }
      Map<String, String> meaningless = new LinkedHashMap<>(selection.given());
      if (fromSelection != null) {
        meaningless.remove(SelectionOptions.ATTENTION);
      }
      meaningless.forEach(
          (name, value) -> given.addAll(value == null ? List.of() : List.of("--" + name)));
      String reason =
          fromSelection != null
              ? " has no meaning beside --from-selection, which says what goes"
              : " has no meaning for --make-permanent without a method";
      given.forEach(option -> problems.add(option + reason));
    } else if (ratio == null) {
      throw new ParameterException(spec.commandLine(), "Missing required option: '--ratio=R'");
    }
    if (isPermanentAlone()) {
      if (out == null) {
        problems.add("--make-permanent without a method needs --out");
      }
      if (dryRun || selectJson != null) {
        problems.add("--make-permanent without a method selects nothing");
      }
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }

  private SinglePruning.Result byMethod() {
    Map<String, String> options = new LinkedHashMap<>(selection.given());
    options.put("ratio", ratio);
    SingleCell.Choices choices = common.choices(options);
    GridMethod chosen = common.method(choices, spec.commandLine());
    String name = chosen.method().name();
    if (selectJson != null && Criteria.named(name).unit() != Unit.CHANNELS) {
      throw new BadInput("--select-json lists channels, but " + name + " masks weights");
    }
    Part part = common.part(Part.TRAIN);
    Workbench bench = Workbench.open(choices.model(), common.data());
    CoupledChannels channels = chosen.selection().channels(bench.model().model().graph());
    PruningCheck.refuseAll(chosen.method(), chosen.selection(), channels);
    SinglePruning pruning =
        new SinglePruning(
            bench,
            channels,
            chosen.method(),
            chosen.selection(),
            choices.ratio().orElseThrow(),
            choices.head());
    SinglePruning.Result result =
        pruning.run(part, common.subset(), choices.seed(), masks(), common::engine);
    writeSelection(bench, channels, result);
    return result;
  }

  private SinglePruning.Result bySelection() {
    SelectionFile.Draft chosen = SelectionFile.draft(fromSelection);
    Map<String, String> options = new LinkedHashMap<>(selection.given());
    options.keySet().retainAll(List.of(SelectionOptions.ATTENTION));
    SingleCell.Choices choices = common.choices(options);
    common.refuseUnused(
        "prune --from-selection", List.of(), List.of("apply", "zero-parts", "head"));
    PruningCheck.idleZeroParts(Unit.CHANNELS, choices.selection()).ifPresent(PruneCommand::refuse);
    Workbench bench = Workbench.open(choices.model(), common.data());
    CoupledChannels channels = choices.selection().channels(bench.model().model().graph());
    SinglePruning.Result result =
        new ChosenPruning(bench, channels, choices.selection(), choices.head())
            .run(chosen, common.subset(), masks());
    writeSelection(bench, channels, result);
    return result;
  }

  private static void refuse(String problem) {
    throw new BadInput(problem);
  }

  private void writeSelection(
      Workbench bench, CoupledChannels channels, SinglePruning.Result result) {
    if (selectJson != null) {
      ChosenChannels.listed(bench.model().network(), channels, result.outcome().layers())
          .write(selectJson);
    }
  }

  private int permanent(Answer answer) {
    SingleCell.Choices choices = common.choices(Map.of());
    MaskedFolder folder = MaskedFolder.of(choices.model().name());
    folder.makePermanent(out);
    answer.give(
        spec.commandLine().getOut(),
        () -> folder.json(out),
        writer ->
            writer.printf("%,d masked weights are zeros for good: %s%n", folder.count(), out));
    return 0;
  }
}
