package io.prunegrid.pipeline;

import io.prunegrid.common.BadInput;
import io.prunegrid.format.Safetensors;
import io.prunegrid.format.WholeFiles;
import io.prunegrid.format.onnx.OnnxExport;
import io.prunegrid.format.torchscript.TorchScriptExport;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.ForwardPass;
import io.prunegrid.runtime.OnnxSession;
import io.prunegrid.zoo.Procedural;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/** Gives a network to other programs: as a file that they run, or of its weights alone. */
public final class ModelExport {
  /** How far outputs may lie apart, as a share of the largest. */
  public static final double TOLERANCE = 1e-4;

  /** How many images at a time a file is tried with. */
  public static final List<Integer> BATCHES = List.of(1, 3);

  private ModelExport() {}

  /** What a network is written as. */
  public enum Format {
    /** Structure and weights for ONNX Runtime and others. */
    ONNX,
    /** Structure and weights for PyTorch, {@code torch.jit.load}. */
    TORCHSCRIPT,
    /** Weights alone, by parameter name. */
    SAFETENSORS
  }

  /** Whether an ONNX file is run beside the network before it gets its name. */
  public enum Verification {
    RUN,
    SKIP
  }

  /**
   * Writes a file whole or not at all, replacing one that exists.
   *
   * @param engine opened where outputs are compared
   * @return the largest difference of two outputs, as a share of the largest output; empty where
   *     nothing was compared
   * @throws BadInput when the file cannot be written, or cannot hold the network
   * @throws IllegalStateException where ONNX Runtime refuses the file or computes something else
   */
  public static OptionalDouble write(
      Path file, Format format, Model model, Verification verification, Supplier<Engine> engine) {
    switch (format) {
      case TORCHSCRIPT -> TorchScriptExport.write(file, model);
      case SAFETENSORS -> Safetensors.write(file, model.weights());
      case ONNX -> {
        if (verification == Verification.RUN) {
          double[] difference = new double[1];
          OnnxExport.write(
              file,
              model,
              written -> difference[0] = compare(written, model, outputs(model, engine)));
          return OptionalDouble.of(difference[0]);
        }
        OnnxExport.write(file, model, WholeFiles.Check.NONE);
      }
    }
    return OptionalDouble.empty();
  }

  /**
   * Checks that nothing is in the way of a file.
   *
   * @throws BadInput where something has its name, or its folder is none
   */
  public static void refuseExisting(Path file) {
    if (Files.exists(file)) {
      throw new BadInput(
          file
              + " exists; it is left as it is"
              + (Files.isRegularFile(file) ? "; --overwrite replaces it" : ""));
    }
  }

  private static Tensor images(Model model) {
    List<Integer> dims = new ArrayList<>(List.of(BATCHES.get(BATCHES.size() - 1)));
    dims.addAll(model.graph().input().dims());
    return Procedural.input(0, new Shape(dims));
  }

  /** Ours by batch; PyTorch's memory is given back before ONNX Runtime takes its own. */
  private static Map<Integer, Map<String, float[]>> outputs(Model model, Supplier<Engine> opened) {
    Map<Integer, Map<String, float[]>> outputs = new LinkedHashMap<>();
    float[] images = images(model).toArray();
    try (Engine engine = opened.get();
        ForwardPass pass = engine.forwardPass(model)) {
      for (int batch : BATCHES) {
        outputs.put(batch, pass.outputs(images, batch));
      }
    }
    return outputs;
  }

  private static double compare(Path file, Model model, Map<Integer, Map<String, float[]>> expected)
      throws IOException {
    float[] images = images(model).toArray();
    double worst = 0;
    try (OnnxSession session = OnnxSession.open(file, 1, OnnxSession.Purpose.CHECK)) {
      for (int batch : BATCHES) {
        Map<String, float[]> found = session.outputs(images, model.graph().input(), batch);
        for (Map.Entry<String, float[]> output : expected.get(batch).entrySet()) {
          worst =
              Math.max(
                  worst,
                  difference(output.getKey(), output.getValue(), found.get(output.getKey())));
        }
      }
    }
    return worst;
  }

  private static double difference(String name, float[] ours, float[] theirs) {
    double largest = 0;
    double apart = 0;
    for (int i = 0; i < ours.length; i++) {
      if (!Float.isFinite(ours[i])) {
        throw new BadInput(
            "output '"
                + name
                + "' of the network is not finite for a generated image, so the file cannot be"
                + " verified; left unverified (--no-verify) it is written as it is");
      }
      largest = Math.max(largest, Math.abs(ours[i]));
      double difference = Math.abs((double) ours[i] - theirs[i]);
      apart = difference <= apart ? apart : difference;
    }
    double share = apart == 0 ? 0 : apart / largest;
    if (!(share <= TOLERANCE)) {
      throw new IllegalStateException(
          "ONNX Runtime computes another output '"
              + name
              + "' than this network: they differ by "
              + share
              + " of the largest value; nothing was written");
    }
    return share;
  }
}
