package io.prunegrid.job.cli;

import io.prunegrid.channel.Counts;
import io.prunegrid.channel.KeptChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.channel.MacConvention;
import io.prunegrid.channel.WeightMasks;
import io.prunegrid.common.Names;
import io.prunegrid.pipeline.Pruner;
import io.prunegrid.pipeline.SinglePruning;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What became of one network, for people and as JSON.
 *
 * @param folder where it was saved; absent where it was not
 */
record PruneText(SinglePruning.Result result, Optional<Path> folder) {
  Map<String, Object> json() {
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
    json.put("fvcoreMacs", change(MacConvention.FVCORE));
    json.put("tpMacs", change(MacConvention.TORCH_PRUNING));
    if (result.nonzero().parameters() < result.after().parameters()) {
      Map<String, Object> nonzero = new LinkedHashMap<>();
      nonzero.put("params", result.nonzero().parameters());
      nonzero.put("macs", result.nonzero().macs());
      json.put("nonzero", nonzero);
    }
    result.masked().ifPresent(masked -> json.put("masked", masked.count()));
    List<String> emptied = WeightMasks.emptied(result.outcome().masks());
    if (!emptied.isEmpty()) {
      json.put("emptied", emptied);
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

  private Map<String, Long> change(MacConvention convention) {
    return change(convention.total(result.original()), convention.total(result.model().graph()));
  }

  private static Map<String, Long> change(long before, long after) {
    Map<String, Long> change = new LinkedHashMap<>();
    change.put("before", before);
    change.put("after", after);
    return change;
  }

  void print(PrintWriter writer) {
    for (Map.Entry<String, LayerKept> layer : result.layers().entrySet()) {
      LayerKept kept = layer.getValue();
      writer.printf(
          "%-32s out %5d of %5d%s%n",
          Names.printable(layer.getKey()),
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
    result
        .masked()
        .ifPresent(
            masked ->
                writer.printf(
                    "%-12s %,d weights, which a saved folder keeps for restore%n",
                    "masked", masked.count()));
    List<String> emptied = WeightMasks.emptied(result.outcome().masks());
    if (!emptied.isEmpty()) {
      writer.printf("%-12s nothing is left of %s%n", "warning", String.join(", ", emptied));
    }
    folder.ifPresent(saved -> writer.println("model folder: " + saved));
  }

  private static void print(PrintWriter writer, String what, long before, long after) {
    writer.printf(
        "%-12s %,d -> %,d (%.1f %% less)%n",
        what, before, after, 100.0 * (before - after) / before);
  }
}
