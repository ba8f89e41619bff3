package io.prunegrid.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.train.TrainingConfig;
import io.prunegrid.train.TrainingConfig.Optimizer;
import io.prunegrid.zoo.Initialization;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingSessionTest {
  private static TrainingConfig config(Optimizer optimizer, double momentum, double decay) {
    TrainingConfig defaults = TrainingConfig.defaults();
    return new TrainingConfig(
        1,
        optimizer,
        0.1,
        momentum,
        decay,
        defaults.batch(),
        defaults.schedule(),
        defaults.stepEpochs(),
        defaults.gamma(),
        false,
        0,
        0,
        0,
        0);
  }

  private static float[] pattern(int n, int a, int b, int m, double s) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (((i * a + b) % m - m / 2) / s);
    }
    return values;
  }

  /** The network and the figures of torch-training-steps.json. */
  @ParameterizedTest
  @EnumSource(Optimizer.class)
  void fourStepsMoveEveryTensorAsTorchMovesIt(Optimizer optimizer) throws IOException {
    JsonNode recorded =
        new ObjectMapper()
            .readTree(TrainingSessionTest.class.getResourceAsStream("torch-training-steps.json"));
    GraphBuilder builder = new GraphBuilder(Shape.of(2, 6, 6));
    String conv = builder.conv("conv", builder.input(), 3, 3, 2, 1, Bias.NO);
    String relu = builder.relu("relu", builder.batchNorm("bn", conv));
    String pooled = builder.flatten("flat", builder.adaptiveAvgPool("pool", relu, 1));
    ModelGraph graph = builder.build(builder.linear("fc", pooled, 3));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    graph
        .parameters()
        .forEach(
            (name, spec) -> {
              int size = Math.toIntExact(spec.shape().size());
              float[] values = new float[size];
              JsonNode rule = recorded.get("initial").get(name);
              if (rule != null) {
                values =
                    pattern(
                        size,
                        rule.get(0).asInt(),
                        rule.get(1).asInt(),
                        rule.get(2).asInt(),
                        rule.get(3).asDouble());
              } else if (name.endsWith("running_var")) {
                java.util.Arrays.fill(values, 1);
              }
              tensors.put(name, Tensor.wrap(spec.shape(), values));
            });
    JsonNode expected = recorded.get(optimizer.name().toLowerCase(Locale.ROOT));
    TrainingConfig config =
        config(
            optimizer, expected.get("momentum").asDouble(), expected.get("weightDecay").asDouble());
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        TrainingSession session =
            engine.training(
                new Model(graph, new Weights(tensors)), config.updateRule(), Map.of(), 1)) {
      for (int step = 0; step < 4; step++) {
        int k = step;
        int[] labels = IntStream.range(0, 5).map(i -> (i + k) % 3).toArray();
        double loss =
            session.step(
                pattern(5 * 72, 29, 7 + step, 23, 8),
                5,
                labels,
                expected.get("lr").asDouble() / (step + 1));
        assertThat(loss).isCloseTo(expected.get("losses").get(step).asDouble(), within(2e-6));
      }
      Model after = session.model();
      for (String name : graph.parameters().keySet()) {
        JsonNode values = expected.get("after").get(name);
        for (int i = 0; i < values.size(); i++) {
          assertThat((double) after.weights().get(name).at(i))
              .as("%s[%d]", name, i)
              .isCloseTo(values.get(i).asDouble(), within(5e-6));
        }
      }
    }
  }

  /** Softmax regression has a closed gradient, so plain loops can follow every step in double. */
  @ParameterizedTest
  @EnumSource(Optimizer.class)
  void manyStepsFollowThePublishedUpdateRule(Optimizer optimizer) {
    int features = 6;
    int classes = 4;
    int n = 8;
    GraphBuilder builder = new GraphBuilder(Shape.of(1, 2, 3));
    ModelGraph graph = builder.build(builder.linear("fc", builder.flatten("f", "input"), classes));
    Weights start = Initialization.weights(graph, 3);
    TrainingConfig config = config(optimizer, 0.8, 0.05);
    double lr = optimizer == Optimizer.SGD ? 0.2 : 0.02;
    PlainRule weight = new PlainRule(config, start.get("fc.weight"));
    PlainRule bias = new PlainRule(config, start.get("fc.bias"));
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        TrainingSession session =
            engine.training(new Model(graph, start), config.updateRule(), Map.of(), 1)) {
      for (int step = 0; step < 40; step++) {
        float[] x = InferenceSessionTest.noise(n * features, step);
        int k = step;
        int[] labels = IntStream.range(0, n).map(i -> (i * 3 + k) % classes).toArray();
        double[] weightGradient = new double[classes * features];
        double[] biasGradient = new double[classes];
        double expected = 0;
        for (int i = 0; i < n; i++) {
          double[] odds = new double[classes];
          double sum = 0;
          for (int c = 0; c < classes; c++) {
            double logit = bias.values[c];
            for (int j = 0; j < features; j++) {
              logit += weight.values[c * features + j] * x[i * features + j];
            }
            odds[c] = Math.exp(logit);
            sum += odds[c];
          }
          expected -= Math.log(odds[labels[i]] / sum) / n;
          for (int c = 0; c < classes; c++) {
            double g = (odds[c] / sum - (c == labels[i] ? 1 : 0)) / n;
            biasGradient[c] += g;
            for (int j = 0; j < features; j++) {
              weightGradient[c * features + j] += g * x[i * features + j];
            }
          }
        }
        assertThat(session.step(x, n, labels, lr)).isCloseTo(expected, within(1e-5));
        weight.step(weightGradient, lr);
        bias.step(biasGradient, lr);
      }
      Weights after = session.model().weights();
      for (int i = 0; i < weight.values.length; i++) {
        assertThat((double) after.get("fc.weight").at(i)).isCloseTo(weight.values[i], within(2e-5));
      }
      for (int i = 0; i < bias.values.length; i++) {
        assertThat((double) after.get("fc.bias").at(i)).isCloseTo(bias.values[i], within(2e-5));
      }
    }
  }

  /** The update rules as torch documents them, in double. */
  private static final class PlainRule {
    private final TrainingConfig config;
    private final double[] values;
    private final double[] first;
    private final double[] second;
    private int steps;

    PlainRule(TrainingConfig config, Tensor start) {
      this.config = config;
      this.values = IntStream.range(0, start.size()).mapToDouble(start::at).toArray();
      this.first = new double[values.length];
      this.second = new double[values.length];
    }

    void step(double[] gradient, double lr) {
      steps++;
      for (int i = 0; i < values.length; i++) {
        if (config.optimizer() == Optimizer.SGD) {
          double g = gradient[i] + config.weightDecay() * values[i];
          first[i] = config.momentum() * first[i] + g;
          values[i] -= lr * first[i];
        } else {
          values[i] -= lr * config.weightDecay() * values[i];
          first[i] = 0.9 * first[i] + 0.1 * gradient[i];
          second[i] = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i];
          double mean = first[i] / (1 - Math.pow(0.9, steps));
          double square = second[i] / (1 - Math.pow(0.999, steps));
          values[i] -= lr * mean / (Math.sqrt(square) + 1e-8);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Optimizer.class)
  void maskedWeightsStayExactlyZeroAndTheOthersMove(Optimizer optimizer) {
    ModelGraph graph = Zoo.build("small-cnn", Zoo.publishedSize("small-cnn"));
    Model model = new Model(graph, Initialization.weights(graph, 1));
    Map<String, Tensor> masks = new LinkedHashMap<>();
    graph
        .parameters()
        .forEach(
            (name, spec) -> {
              if (spec.shape().rank() > 1) {
                float[] mask = new float[Math.toIntExact(spec.shape().size())];
                for (int i = 0; i < mask.length; i++) {
                  mask[i] = i % 3 == 0 ? 0 : 1;
                }
                masks.put(name, Tensor.wrap(spec.shape(), mask));
              }
            });
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        TrainingSession session =
            engine.training(model, config(optimizer, 0.9, 0.1).updateRule(), masks, 1)) {
      train(session, 5);
      Weights after = session.model().weights();
      masks.forEach(
          (name, mask) -> {
            int moved = 0;
            for (int i = 0; i < mask.size(); i++) {
              float value = after.get(name).at(i);
              if (mask.at(i) == 0) {
                assertThat(Float.floatToRawIntBits(value)).isZero();
              } else if (value != model.weights().get(name).at(i)) {
                moved++;
              }
            }
            assertThat(moved).isGreaterThan(mask.size() / 2);
          });
    }
  }

  @Test
  void aMaskOfAnotherShapeIsRefused() {
    ModelGraph graph = Zoo.build("small-cnn", Zoo.publishedSize("small-cnn"));
    Model model = new Model(graph, Initialization.weights(graph, 1));
    String name = graph.parameters().keySet().iterator().next();
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      assertThatThrownBy(
              () ->
                  engine.training(
                      model,
                      TrainingConfig.defaults().updateRule(),
                      Map.of(name, Tensor.zeros(Shape.of(1))),
                      1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(name);
    }
  }

  @Test
  void dropoutDrawsFromTheSeedAlone() {
    GraphBuilder builder = new GraphBuilder(Shape.of(1, 14, 14));
    String dropped =
        builder.add("drop", new Op.Dropout(0.5), builder.flatten("flat", builder.input()));
    ModelGraph graph = builder.build(builder.linear("fc", dropped, 10));
    Model model = new Model(graph, Initialization.weights(graph, 1));
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      assertThat(trained(engine, model, 4)).isEqualTo(trained(engine, model, 4));
      assertThat(trained(engine, model, 4)).isNotEqualTo(trained(engine, model, 5));
    }
  }

  @Test
  void networksTrainedAtTheSameTimeEqualThoseTrainedInTurnBitForBit() throws Exception {
    ModelGraph small = Zoo.build("small-cnn", Zoo.publishedSize("small-cnn"));
    ModelGraph residual = Zoo.build("resnet20", new io.prunegrid.zoo.NetworkSize(10, 1, 14, 14));
    List<Model> models = new ArrayList<>();
    for (long seed = 0; seed < 2; seed++) {
      models.add(new Model(small, Initialization.weights(small, seed)));
      models.add(new Model(residual, Initialization.weights(residual, seed)));
    }
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      List<Weights> inTurn = new ArrayList<>();
      for (Model model : models) {
        inTurn.add(trained(engine, model, 1));
      }
      ExecutorService threads = Executors.newFixedThreadPool(models.size());
      try {
        List<Future<Weights>> together = new ArrayList<>();
        for (Model model : models) {
          together.add(threads.submit(() -> trained(engine, model, 1)));
        }
        for (int i = 0; i < models.size(); i++) {
          assertThat(together.get(i).get()).isEqualTo(inTurn.get(i));
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }

  private static Weights trained(Engine engine, Model model, long seed) {
    try (TrainingSession session =
        engine.training(model, config(Optimizer.SGD, 0.9, 5e-4).updateRule(), Map.of(), seed)) {
      train(session, 6);
      return session.model().weights();
    }
  }

  private static void train(TrainingSession session, int steps) {
    for (int step = 0; step < steps; step++) {
      int[] labels = IntStream.range(0, 16).map(i -> i % 10).toArray();
      session.step(InferenceSessionTest.noise(16 * 196, step), 16, labels, 0.05);
    }
  }
}
