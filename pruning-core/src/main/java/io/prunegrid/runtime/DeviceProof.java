package io.prunegrid.runtime;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A known answer that a device must compute before it is trusted with work: the outputs of a small
 * fixed network, and its loss before each of three training steps, which needs right gradients. The
 * numbers were computed in double precision without any engine.
 */
public final class DeviceProof {
  /** Images in the batch, of three channels of 8x8. */
  static final int IMAGES = 4;

  static final int CLASSES = 4;

  /** Learning rate of the steps, without momentum and weight decay. */
  static final double LR = 0.05;

  /** Far above what the order of a sum changes in single precision, below what TF32 changes. */
  static final double TOLERANCE = 5e-5;

  /** Image by image. */
  static final double[] OUTPUTS = {
    -0.1427098856, 0.8476341700, 0.1918008289, -1.1827415131,
    0.0369327483, 0.7044927633, 0.3940894031, -2.3999301010,
    0.6743023206, -0.3839967893, 1.1221560947, -1.2314466008,
    -0.7756635387, 0.7235799913, 0.6545439889, -1.1788474008
  };

  /** Before the first, the second and the third step. */
  static final double[] LOSSES = {2.303853810, 0.557792393, 0.130931731};

  private DeviceProof() {}

  /**
   * Computes the answer; takes milliseconds once the library is loaded.
   *
   * @throws DeviceFault where the engine fails, or answers something else
   */
  public static void demand(Engine engine) {
    try {
      compare(engine, "an output", OUTPUTS, outputs(engine));
      compare(engine, "a loss in training", LOSSES, losses(engine));
    } catch (DeviceFault e) {
      throw e;
    } catch (RuntimeException e) {
      throw new DeviceFault(
          "device " + engine.device() + " could not compute the known answer: " + e.getMessage(),
          e);
    }
  }

  static void compare(Engine engine, String what, double[] known, double[] found) {
    for (int i = 0; i < known.length; i++) {
      if (!(Math.abs(known[i] - found[i]) <= TOLERANCE)) {
        throw new DeviceFault(
            "device "
                + engine.device()
                + " computes wrongly: "
                + what
                + " of the known answer is "
                + found[i]
                + " instead of "
                + known[i]);
      }
    }
  }

  private static double[] outputs(Engine engine) {
    try (InferenceSession session = engine.inference(model())) {
      float[] logits = session.logits(images(), IMAGES);
      double[] outputs = new double[IMAGES * CLASSES];
      for (int i = 0; i < outputs.length; i++) {
        outputs[i] = logits[i];
      }
      return outputs;
    }
  }

  private static double[] losses(Engine engine) {
    double[] losses = new double[LOSSES.length];
    try (TrainingSession session = engine.training(model(), new Optimizer.Sgd(0, 0), Map.of(), 0)) {
      for (int step = 0; step < losses.length; step++) {
        losses[step] = session.step(images(), IMAGES, labels(), LR);
      }
    }
    return losses;
  }

  /** Convolution, normalization, pooling, a residual sum and a linear layer. */
  static ModelGraph graph() {
    GraphBuilder graph = new GraphBuilder(Shape.of(3, 8, 8));
    String x = graph.conv("conv1", graph.input(), 6, 3, 1, 1, Bias.NO);
    x = graph.relu("relu1", graph.batchNorm("bn1", x));
    x = graph.maxPool("pool", x, 2, 2, 0);
    String y = graph.conv("conv2", x, 6, 3, 1, 1, Bias.YES);
    x = graph.relu("relu2", graph.add("sum", new Op.Add(), x, y));
    return graph.build(graph.linear("linear", graph.flatten("flatten", x), CLASSES));
  }

  static Model model() {
    ModelGraph graph = graph();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    graph.parameters().forEach((name, spec) -> tensors.put(name, tensor(name, spec)));
    return new Model(graph, new Weights(tensors));
  }

  static float[] images() {
    return uniform("images", IMAGES * 3 * 8 * 8, 1);
  }

  static int[] labels() {
    return new int[] {2, 0, 3, 1};
  }

  private static Tensor tensor(String name, ParameterSpec spec) {
    float[] values = uniform(name, Math.toIntExact(spec.shape().size()), 0.25);
    boolean around1 =
        spec.role() == ParameterSpec.Role.NORM_WEIGHT
            || spec.role() == ParameterSpec.Role.RUNNING_VARIANCE;
    for (int i = 0; around1 && i < values.length; i++) {
      values[i] += 1;
    }
    return Tensor.wrap(spec.shape(), values);
  }

  private static float[] uniform(String name, int n, double bound) {
    SplitMix64 stream = SplitMix64.stream(0, "known answer/" + name);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) ((2 * stream.nextDouble() - 1) * bound);
    }
    return values;
  }
}
