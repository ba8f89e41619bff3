package io.prunegrid.job.cli;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Ranking;
import io.prunegrid.criterion.ScoreReport;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.criterion.ScoresFile;
import io.prunegrid.data.Part;
import io.prunegrid.graph.Tensor;
import io.prunegrid.job.sweep.GridMethod;
import io.prunegrid.job.sweep.SingleCell;
import io.prunegrid.pipeline.GlobCheck;
import io.prunegrid.pipeline.Workbench;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prunegrid score}. */
@Command(
    name = "score",
    mixinStandardHelpOptions = true,
    description = {
      "Scores every channel, or every weight, of a model by a method; the lowest would go first.",
      "Methods that look at images see those of --subset, with the head whole."
    },
    footer = {"", "Example:  prunegrid score --model FOLDER --method taylor --samples 500"})
final class ScoreCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @ArgGroup(validate = false, heading = SelectionOptions.HEADING)
  private SelectionOptions selection = new SelectionOptions();

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Save scores of channels as safetensors, for the method external.")
  private Path save;

  @Option(
      names = "--ranked",
      description =
          "Give what a selection ranks: scores of layers behind reductions, normalizers and"
              + " prices, by class of coupled channels.")
  private boolean ranked;

  @Override
  public Integer call() {
    Answer answer = common.answer();
    SingleCell.Choices choices = common.choices(selection.given());
    common.refuseUnused(
        "score",
        List.of(),
        List.of(
            "scope",
            "rounding",
            "on-empty",
            "min-channels",
            "round-to",
            "ignore",
            "protect",
            "samples-per-class"));
    GridMethod chosen = common.method(choices, spec.commandLine());
    Part part = common.part(Part.TRAIN);
    Workbench bench = Workbench.open(choices.model(), common.data());
    CoupledChannels channels = chosen.selection().channels(bench.model().model().graph());
    GlobCheck.refuseUnmatched(channels, chosen.selection(), chosen.method());
    Scores scores =
        bench.score(
            chosen.method(), channels, part, common.subset(), choices.seed(), common::engine);
    String name = chosen.method().name();
    String base = bench.model().model().weights().contentHash();
    if (save != null) {
      save(scores, name, base);
    }
    if (scores instanceof WeightScores weights) {
      answer.give(
          spec.commandLine().getOut(),
          () -> json(name, base, weights),
          out -> print(out, base, weights));
    } else {
      Ranking ranking = new Ranking(channels, chosen.selection(), chosen.method().parameters(), 0);
      Criterion criterion = Criteria.named(name);
      Map<String, List<Double>> layers =
          ranked
              ? ScoreReport.byLayer(criterion.classScores(scores, ranking), channels)
              : ScoreReport.layers(criterion, scores, ranking);
      answer.give(
          spec.commandLine().getOut(),
          () -> json(name, base, layers),
          out -> print(out, base, layers));
    }
    return 0;
  }

  private void save(Scores scores, String method, String base) {
    if (!(scores instanceof LayerScores layers)) {
      throw new BadInput(
          "--save is for scores of layers, which "
              + method
              + " does not give; it ranks "
              + (scores instanceof WeightScores ? "weights" : "classes of coupled channels"));
    }
    ScoresFile.write(save, layers, base);
  }

  private static Map<String, Object> json(
      String method, String base, Map<String, List<Double>> layers) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("method", method);
    json.put("base", base);
    json.put("layers", layers);
    return json;
  }

  private static Map<String, Object> json(String method, String base, WeightScores scores) {
    Map<String, Object> weights = new LinkedHashMap<>();
    scores
        .parameters()
        .forEach(
            (name, tensor) -> {
              Map<String, Object> entry = new LinkedHashMap<>();
              entry.put("shape", tensor.shape().dims());
              entry.put("values", values(tensor));
              weights.put(name, entry);
            });
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("method", method);
    json.put("base", base);
    json.put("weights", weights);
    return json;
  }

  private static List<Float> values(Tensor tensor) {
    List<Float> values = new ArrayList<>(tensor.size());
    for (int i = 0; i < tensor.size(); i++) {
      values.add(Float.isNaN(tensor.at(i)) ? null : tensor.at(i));
    }
    return values;
  }

  private static void print(PrintWriter out, String base, Map<String, List<Double>> layers) {
    out.printf("%-32s %9s %12s %12s %12s%n", "layer", "channels", "lowest", "mean", "highest");
    layers.forEach(
        (layer, scores) -> {
          double[] known =
              scores.stream().filter(Objects::nonNull).mapToDouble(Double::doubleValue).toArray();
          row(out, Names.printable(layer), scores.size(), known);
        });
    out.println("base " + base);
  }

  private static void print(PrintWriter out, String base, WeightScores weights) {
    out.printf("%-32s %9s %12s %12s %12s%n", "parameter", "weights", "lowest", "mean", "highest");
    weights
        .parameters()
        .forEach(
            (name, tensor) -> {
              double[] known = new double[tensor.size()];
              for (int i = 0; i < known.length; i++) {
                known[i] = tensor.at(i);
              }
              row(out, Names.printable(name), known.length, known);
            });
    out.println("base " + base);
  }

  private static void row(PrintWriter out, String name, int size, double[] known) {
    DoubleSummaryStatistics all = Arrays.stream(known).summaryStatistics();
    if (all.getCount() == 0) {
      out.printf("%-32s %9d %12s %12s %12s%n", name, size, "-", "-", "-");
    } else {
      out.printf(
          "%-32s %9d %12.5g %12.5g %12.5g%n",
          name, size, all.getMin(), all.getAverage(), all.getMax());
    }
  }
}
