package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.InferenceSession;
import io.prunegrid.testing.SyntheticDataset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TaylorTest {
  private static Engine engine;
  private final Taylor taylor = new Taylor();
  private final Model model = Tiny.model();
  private final CoupledChannels channels = CoupledChannels.of(model.graph());
  private final Samples samples = images(4, 13, 3);

  @BeforeAll
  static void open() {
    engine = Engine.open(ComputeDevice.CPU);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @Test
  void predictsWhatScalingAChannelALittleDoesToTheLoss() {
    Samples one = samples.first(1);
    double[] scores = score(one).of("hidden");
    for (int channel = 0; channel < 5; channel++) {
      double up = loss(scaled(channel, 1.01f), one);
      double down = loss(scaled(channel, 0.99f), one);
      assertThat(scores[channel]).isCloseTo(Math.abs(up - down) / 0.02, within(1e-3));
    }
    assertThat(Arrays.stream(scores).max().orElseThrow()).isGreaterThan(0.01);
  }

  @Test
  void isTheMeanOfEachImagesOwnScore() {
    double[] whole = score(samples).of("grouped");
    double[] mean = new double[whole.length];
    for (int i = 0; i < samples.size(); i++) {
      Samples rest = i == 0 ? samples.first(1) : samples.first(i + 1);
      double[] total = score(rest).of("grouped");
      double[] before = i == 0 ? new double[whole.length] : score(samples.first(i)).of("grouped");
      for (int c = 0; c < mean.length; c++) {
        double own = total[c] * (i + 1) - before[c] * i;
        assertThat(own).isGreaterThan(-1e-6);
        mean[c] += own / samples.size();
      }
    }
    assertThat(mean).containsExactly(whole, within(1e-6));
  }

  @Test
  void doesNotDependOnTheBatch() {
    LayerScores whole = score(samples);
    for (int batch : new int[] {1, 5, 13}) {
      LayerScores other =
          (LayerScores)
              ScoringPass.run(List.of(new ScoringPass.Work(taylor, input(samples))), batch).get(0);
      for (String layer : whole.layers()) {
        assertThat(other.of(layer)).containsExactly(whole.of(layer), within(1e-6));
      }
    }
    assertThat(ScoringPass.batchSize(model.graph())).isEqualTo(64);
  }

  @Test
  void aLayerHasLengthOneInGlobalScope() {
    LayerScores scores = score(samples);
    double[] hidden = scores.of("hidden");
    double length = Math.sqrt(Arrays.stream(hidden).map(value -> value * value).sum());
    double[] global = taylor.classScores(scores, ranking(Scope.GLOBAL));
    double[] local = taylor.classScores(scores, ranking(Scope.LOCAL));
    int[] ids = channels.outClasses("hidden");
    for (int i = 0; i < ids.length; i++) {
      assertThat(global[ids[i]]).isCloseTo(hidden[i] / length, within(1e-12));
      assertThat(local[ids[i]]).isEqualTo(hidden[i]);
    }
  }

  @Test
  void refusesImagesThatDoNotFit() {
    assertThatThrownBy(() -> score(samples.ofClasses(List.of())))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no image");
    assertThatThrownBy(() -> score(images(5, 3, 3)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("(2x5x5)")
        .hasMessageContaining("(2x4x4)");
    assertThatThrownBy(() -> score(images(4, 9, 5)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("the label 3, but the network has 3 outputs");
  }

  private static Samples images(int side, int count, int classes) {
    return Samples.all(new SyntheticDataset(Shape.of(2, side, side), count, classes, 5));
  }

  private LayerScores score(Samples images) {
    return (LayerScores) taylor.score(input(images));
  }

  private Ranking ranking(Scope scope) {
    return new Ranking(channels, Tiny.config(scope), taylor.resolve(Map.of()), 0);
  }

  private ScoringInput input(Samples images) {
    return new ScoringInput(
        model, channels, taylor.resolve(Map.of()), Optional.of(images), Optional.of(engine), 0);
  }

  /** The model with one output of its hidden layer scaled. */
  private Model scaled(int channel, float factor) {
    float[] weight = model.weights().get("hidden.weight").toArray();
    float[] bias = model.weights().get("hidden.bias").toArray();
    for (int i = 0; i < 24; i++) {
      weight[channel * 24 + i] *= factor;
    }
    bias[channel] *= factor;
    return new Model(
        model.graph(),
        model
            .weights()
            .with(
                Map.of(
                    "hidden.weight", Tensor.wrap(Shape.of(5, 24), weight),
                    "hidden.bias", Tensor.wrap(Shape.of(5), bias))));
  }

  private static double loss(Model scaled, Samples one) {
    float[] image = new float[32];
    one.copyImage(0, image, 0);
    try (InferenceSession session = engine.inference(scaled)) {
      float[] logits = session.logits(image, 1);
      double sum = 0;
      for (float logit : logits) {
        sum += Math.exp(logit);
      }
      return Math.log(sum) - logits[one.label(0)];
    }
  }
}
