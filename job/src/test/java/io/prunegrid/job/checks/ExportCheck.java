package io.prunegrid.job.checks;

import io.prunegrid.channel.Counts;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.format.onnx.OnnxImport;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.pipeline.ModelExport;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Networks of the zoo, pruned by half, as ONNX files: ONNX Runtime computes the same, and what is
 * read back is the same network.
 */
public final class ExportCheck {
  /** Bytes of heap for each parameter: the network's, the pruned one's, what is read back. */
  private static final long BYTES = 14;

  private ExportCheck() {}

  /** Every network, or those named, in their published sizes. */
  public static void main(String[] arguments) {
    List<String> names = arguments.length > 0 ? Arrays.asList(arguments) : List.copyOf(Zoo.names());
    Report.main("export", report -> check(report, names, OptionalInt.empty()));
  }

  /**
   * Checks these networks.
   *
   * @param side height and width of their inputs; the published ones where absent
   */
  static void check(Report report, List<String> names, OptionalInt side) throws Exception {
    Path folder = Files.createTempDirectory("export");
    Path file = folder.resolve("network.onnx");
    try {
      for (String name : names) {
        check(report, name, side, file);
        Files.deleteIfExists(file);
      }
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    }
  }

  private static void check(Report report, String name, OptionalInt side, Path file) {
    NetworkSize size = Zoo.publishedSize(name);
    if (side.isPresent()) {
      size = size.withResolution(side.getAsInt());
    }
    ModelGraph graph = Zoo.build(name, size);
    long parameters = Counts.of(graph).parameters();
    if (parameters * BYTES > Runtime.getRuntime().maxMemory()) {
      report.figure(
          name + ", not run",
          String.format(
              Locale.ROOT,
              "%,d parameters need %,d MiB of heap; set PRUNEGRID_JAVA_OPTIONS=-Xmx",
              parameters,
              (parameters * BYTES) >> 20));
      return;
    }
    Model whole = new Model(graph, Procedural.weights(graph));
    CoupledChannels channels = CoupledChannels.of(graph);
    SplitMix64 stream = SplitMix64.stream(7, "scores");
    double[] scores = channels.classes().stream().mapToDouble(c -> stream.nextDouble()).toArray();
    Selection half = Selection.select(channels, scores, 0.5, SelectionConfig.defaults());
    Model pruned = Removal.remove(whole, channels, half).model();
    String found;
    try {
      OptionalDouble apart =
          ModelExport.write(
              file,
              ModelExport.Format.ONNX,
              pruned,
              ModelExport.Verification.RUN,
              () -> Engine.open(ComputeDevice.parse("cpu")));
      Model again = OnnxImport.read(file);
      found =
          again.parameterCount() == pruned.parameterCount()
              ? ""
              : "read back with " + again.parameterCount() + " parameters";
      report.figure(
          name,
          String.format(
              Locale.ROOT,
              "%,d of %,d parameters, within %.1e",
              pruned.parameterCount(),
              whole.parameterCount(),
              apart.orElseThrow()));
    } catch (RuntimeException e) {
      found = e.getMessage();
    }
    report.claim(
        found.isEmpty(),
        "%s, pruned by half, runs in ONNX Runtime and is read back %s",
        name,
        found);
  }
}
