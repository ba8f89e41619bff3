package io.prunegrid.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeviceProofTest {
  private static final int SIDE = 8;
  private static final int HALF = 4;
  private static final int WIDTH = 6;

  @Test
  void theKnownNumbersAreThoseOfPlainDoubleArithmetic() {
    Map<String, double[]> weights = weights();
    double[] outputs = forward(weights, false);
    double[] losses = new double[DeviceProof.LOSSES.length];
    for (int step = 0; step < losses.length; step++) {
      losses[step] = loss(weights);
      step(weights);
    }
    for (int i = 0; i < outputs.length; i++) {
      assertThat(DeviceProof.OUTPUTS[i]).isCloseTo(outputs[i], within(1e-8));
    }
    for (int i = 0; i < losses.length; i++) {
      assertThat(DeviceProof.LOSSES[i]).isCloseTo(losses[i], within(1e-7));
    }
  }

  @Test
  void thisMachineComputesTheKnownAnswer() {
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      assertThatCode(() -> DeviceProof.demand(engine)).doesNotThrowAnyException();
    }
  }

  @Test
  void anotherAnswerIsAFaultThatNamesTheDevice() {
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      double[] wrong = DeviceProof.LOSSES.clone();
      wrong[2] += 2 * DeviceProof.TOLERANCE;
      assertThatThrownBy(() -> DeviceProof.compare(engine, "a loss", DeviceProof.LOSSES, wrong))
          .isInstanceOf(DeviceFault.class)
          .hasMessageContaining("device cpu computes wrongly");
      Arrays.fill(wrong, Double.NaN);
      assertThatThrownBy(() -> DeviceProof.compare(engine, "a loss", DeviceProof.LOSSES, wrong))
          .isInstanceOf(DeviceFault.class);
    }
  }

  @Test
  void anEngineThatFailsIsAFaultToo() {
    Engine closed = Engine.open(ComputeDevice.CPU);
    closed.close();
    assertThatThrownBy(() -> DeviceProof.demand(closed))
        .isInstanceOf(DeviceFault.class)
        .hasMessageContaining("could not compute the known answer");
  }

  private static Map<String, double[]> weights() {
    Map<String, double[]> weights = new LinkedHashMap<>();
    DeviceProof.model()
        .weights()
        .asMap()
        .forEach((name, tensor) -> weights.put(name, doubles(tensor.toArray())));
    return weights;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  /** One step of gradient descent with derivatives from differences on both sides. */
  private static void step(Map<String, double[]> weights) {
    Map<String, double[]> gradients = new LinkedHashMap<>();
    double h = 1e-6;
    weights.forEach(
        (name, values) -> {
          double[] gradient = new double[values.length];
          for (int i = 0; i < values.length && !name.contains("running"); i++) {
            double before = values[i];
            values[i] = before + h;
            double above = loss(weights);
            values[i] = before - h;
            gradient[i] = (above - loss(weights)) / (2 * h);
            values[i] = before;
          }
          gradients.put(name, gradient);
        });
    weights.forEach(
        (name, values) -> {
          for (int i = 0; i < values.length; i++) {
            values[i] -= DeviceProof.LR * gradients.get(name)[i];
          }
        });
  }

  private static double loss(Map<String, double[]> weights) {
    double[] logits = forward(weights, true);
    double sum = 0;
    for (int n = 0; n < DeviceProof.IMAGES; n++) {
      double of = 0;
      for (int c = 0; c < DeviceProof.CLASSES; c++) {
        of += Math.exp(logits[n * DeviceProof.CLASSES + c]);
      }
      sum += Math.log(of) - logits[n * DeviceProof.CLASSES + DeviceProof.labels()[n]];
    }
    return sum / DeviceProof.IMAGES;
  }

  private static double[] forward(Map<String, double[]> weights, boolean batchStatistics) {
    double[] x =
        convolution(
            doubles(DeviceProof.images()), 3, SIDE, weights.get("conv1.weight"), new double[WIDTH]);
    normalize(x, weights, batchStatistics);
    double[] pooled = pool(relu(x));
    double[] y =
        convolution(pooled, WIDTH, HALF, weights.get("conv2.weight"), weights.get("conv2.bias"));
    for (int i = 0; i < y.length; i++) {
      y[i] += pooled[i];
    }
    relu(y);
    int features = WIDTH * HALF * HALF;
    double[] logits = new double[DeviceProof.IMAGES * DeviceProof.CLASSES];
    for (int i = 0; i < logits.length; i++) {
      int image = i / DeviceProof.CLASSES;
      int output = i % DeviceProof.CLASSES;
      logits[i] = weights.get("linear.bias")[output];
      for (int f = 0; f < features; f++) {
        logits[i] += weights.get("linear.weight")[output * features + f] * y[image * features + f];
      }
    }
    return logits;
  }

  private static double[] convolution(
      double[] x, int in, int side, double[] weight, double[] bias) {
    double[] y = new double[DeviceProof.IMAGES * WIDTH * side * side];
    for (int i = 0; i < y.length; i++) {
      int column = i % side;
      int row = i / side % side;
      int out = i / (side * side) % WIDTH;
      int image = i / (side * side * WIDTH);
      double sum = bias[out];
      for (int c = 0; c < in; c++) {
        for (int k = 0; k < 9; k++) {
          int r = row + k / 3 - 1;
          int q = column + k % 3 - 1;
          if (r >= 0 && r < side && q >= 0 && q < side) {
            sum += weight[(out * in + c) * 9 + k] * x[((image * in + c) * side + r) * side + q];
          }
        }
      }
      y[i] = sum;
    }
    return y;
  }

  private static void normalize(
      double[] x, Map<String, double[]> weights, boolean batchStatistics) {
    int plane = SIDE * SIDE;
    for (int c = 0; c < WIDTH; c++) {
      double mean = weights.get("bn1.running_mean")[c];
      double variance = weights.get("bn1.running_var")[c];
      if (batchStatistics) {
        double sum = 0;
        double squares = 0;
        for (int n = 0; n < DeviceProof.IMAGES; n++) {
          for (int i = 0; i < plane; i++) {
            double value = x[(n * WIDTH + c) * plane + i];
            sum += value;
            squares += value * value;
          }
        }
        int count = DeviceProof.IMAGES * plane;
        mean = sum / count;
        variance = squares / count - mean * mean;
      }
      double scale = weights.get("bn1.weight")[c] / Math.sqrt(variance + 1e-5);
      for (int n = 0; n < DeviceProof.IMAGES; n++) {
        for (int i = 0; i < plane; i++) {
          int at = (n * WIDTH + c) * plane + i;
          x[at] = (x[at] - mean) * scale + weights.get("bn1.bias")[c];
        }
      }
    }
  }

  private static double[] relu(double[] x) {
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.max(0, x[i]);
    }
    return x;
  }

  private static double[] pool(double[] x) {
    double[] y = new double[x.length / 4];
    for (int i = 0; i < y.length; i++) {
      int plane = i / (HALF * HALF);
      int row = 2 * (i / HALF % HALF);
      int column = 2 * (i % HALF);
      int at = (plane * SIDE + row) * SIDE + column;
      y[i] = Math.max(Math.max(x[at], x[at + 1]), Math.max(x[at + SIDE], x[at + SIDE + 1]));
    }
    return y;
  }
}
