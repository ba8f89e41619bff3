package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.data.Part;
import io.prunegrid.graph.Shape;
import io.prunegrid.job.sweep.SingleCell;
import io.prunegrid.pipeline.Inference;
import io.prunegrid.pipeline.Workbench;
import io.prunegrid.runtime.Engine;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prunegrid infer}. */
@Command(
    name = "infer",
    mixinStandardHelpOptions = true,
    description = {
      "Prints what a model computes for each input, before any softmax.",
      "Inputs come from --input or from --data; --subset and --samples choose among images."
    },
    footer = {"", "Example:  prunegrid infer --model FOLDER --data fashion --samples 4 --json -"})
final class InferCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Option(
      names = "--input",
      paramLabel = "FILE.npz|procedural:K",
      description =
          "The array x of an npz file, of shape (n, channel, height, width); or the K-th generated"
              + " input, of one image or of --samples. Comes before the images of --data, which then"
              + " only give the size.")
  private String input;

  @Override
  public Integer call() {
    Answer answer = common.answer();
    SingleCell.Choices choices = common.choices(Map.of());
    if (choices.head().isPresent()) {
      throw new BadInput("--set head: infer shows the outputs of the head as it is");
    }
    common.refuseUnused("infer", List.of("--method"), List.of());
    Part part = common.part(Part.TEST);
    Workbench bench = Workbench.open(choices.model(), common.data());
    Inference.Inputs inputs = inputs(bench, part, choices.samples());
    try (Engine engine = common.engine()) {
      Map<String, Inference.Outputs> outputs = Inference.run(engine, bench.model().model(), inputs);
      answer.give(spec.commandLine().getOut(), () -> json(outputs), out -> print(out, outputs));
    }
    return 0;
  }

  private Inference.Inputs inputs(Workbench bench, Part part, int samples) {
    if (input != null) {
      if (common.subset().isPresent()) {
        throw new BadInput("--subset chooses among images; it has no meaning with --input");
      }
      return Inference.named(input, bench.model().model().graph().input(), samples);
    }
    if (!bench.hasData()) {
      throw new BadInput("inputs are missing; name them with --input or --data");
    }
    return Inference.images(
        Workbench.first(bench.images(part, bench.classes(common.subset())), 0, samples));
  }

  private static Map<String, Object> json(Map<String, Inference.Outputs> outputs) {
    Map<String, Object> named = new LinkedHashMap<>();
    outputs.forEach((name, output) -> named.put(name, json(output)));
    return outputs.size() == 1
        ? json(outputs.values().iterator().next())
        : new LinkedHashMap<>(Map.of("outputs", named));
  }

  private static Map<String, Object> json(Inference.Outputs outputs) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("shape", outputs.shape().dims());
    List<Float> values = new ArrayList<>(outputs.values().length);
    for (float value : outputs.values()) {
      values.add(Float.isFinite(value) ? value : null);
    }
    json.put("output", values);
    return json;
  }

  private static void print(PrintWriter out, Map<String, Inference.Outputs> outputs) {
    outputs.forEach((name, output) -> print(out, outputs.size() == 1 ? "output" : name, output));
  }

  private static void print(PrintWriter out, String name, Inference.Outputs outputs) {
    Shape shape = outputs.shape();
    int width = Math.toIntExact(shape.size() / shape.dim(0));
    for (int row = 0; row < shape.dim(0); row++) {
      StringBuilder line = new StringBuilder().append(row).append(':');
      for (int i = 0; i < Math.min(width, 10); i++) {
        line.append(String.format(" %.5g", outputs.values()[row * width + i]));
      }
      out.println(line.append(width > 10 ? " ..." : ""));
    }
    out.println(name + " " + shape);
    if (outputs.nonFinite() > 0) {
      out.println(outputs.nonFinite() + " values are no finite numbers");
    }
  }
}
