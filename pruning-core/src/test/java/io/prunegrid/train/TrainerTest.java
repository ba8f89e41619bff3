package io.prunegrid.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.measure.Evaluator;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.testing.SyntheticDataset;
import io.prunegrid.train.TrainingConfig.Optimizer;
import io.prunegrid.train.TrainingConfig.Schedule;
import io.prunegrid.zoo.Initialization;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Zoo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class TrainerTest {
  private static final Engine ENGINE = Engine.open(ComputeDevice.CPU);
  private static final Samples FASHION = Samples.all(Datasets.open("fashion").train());

  @AfterAll
  static void close() {
    ENGINE.close();
  }

  private static Model model(long seed) {
    ModelGraph graph = Zoo.build("small-cnn", new NetworkSize(10, 1, 14, 14));
    return new Model(graph, Initialization.weights(graph, seed));
  }

  private static TrainingConfig config(int epochs, double lr, int batch) {
    return new TrainingConfig(
        epochs, Optimizer.SGD, lr, 0.9, 5e-4, batch, Schedule.COSINE, 30, 0.1, false, 0, 0, 0, 0);
  }

  private static TrainingConfig validated(int epochs, double lr, double share, int patience) {
    return new TrainingConfig(
        epochs,
        Optimizer.SGD,
        lr,
        0.9,
        0,
        64,
        Schedule.CONSTANT,
        30,
        0.1,
        true,
        1,
        share,
        patience,
        600);
  }

  private static TrainingResult train(Model model, Samples samples, TrainingConfig config) {
    return Trainer.train(ENGINE, model, samples, config, Map.of(), 3, Trainer.SILENT);
  }

  @Test
  void fewEpochsOnRealImagesLearnMostOfThem() {
    TrainingResult result = train(model(0), FASHION, config(4, 0.05, 64));
    Samples test = Samples.all(Datasets.open("fashion").test());
    assertThat(Evaluator.evaluate(ENGINE, result.model(), test).top1Percent()).isGreaterThan(78);
    assertThat(result.bestEpoch()).isEqualTo(4);
    assertThat(result.imagesSeen()).isEqualTo(4L * FASHION.size());
    assertThat(result.epochs())
        .extracting(EpochRecord::loss)
        .isSortedAccordingTo((a, b) -> Double.compare(b, a));
  }

  @Test
  void theSameSeedGivesTheSameWeightsAndAnotherOneOthers() {
    TrainingConfig config = validated(2, 0.05, 0.2, 0);
    Model first = train(model(0), FASHION, config).model();
    assertThat(train(model(0), FASHION, config).model()).isEqualTo(first);
    assertThat(
            Trainer.train(ENGINE, model(0), FASHION, config, Map.of(), 4, Trainer.SILENT).model())
        .isNotEqualTo(first);
  }

  @Test
  void noEpochsLeaveTheModelAsItIs() {
    Model model = model(0);
    TrainingResult result = train(model, FASHION, config(0, 0.05, 64));
    assertThat(result.model()).isSameAs(model);
    assertThat(result.epochs()).isEmpty();
    assertThat(result.bestEpoch()).isZero();
    assertThat(result.imagesSeen()).isZero();
  }

  @Test
  void trainingStopsWhenValidationStallsAndReturnsTheBestEpochsWeights() {
    TrainingConfig config = validated(40, 0.15, 0.25, 3);
    TrainingResult result = train(model(1), FASHION, config);
    List<EpochRecord> epochs = result.epochs();
    double best =
        epochs.stream().mapToDouble(e -> e.validationPercent().getAsDouble()).max().orElseThrow();
    assertThat(epochs.size()).isLessThan(40).isEqualTo(result.bestEpoch() + 3);
    assertThat(epochs.get(result.bestEpoch() - 1).validationPercent()).hasValue(best);
    assertThat(epochs.subList(0, result.bestEpoch() - 1))
        .allMatch(e -> e.validationPercent().getAsDouble() < best);
    Samples validation = FASHION.first(600).split(0.25, 3).validation();
    assertThat(Evaluator.evaluate(ENGINE, result.model(), validation).top1Percent())
        .isEqualTo(best);
    assertThat(result.imagesSeen()).isEqualTo(450L * epochs.size());
  }

  @Test
  void aShareThatHoldsOutNoImageIsTheUsersError() {
    assertThatThrownBy(() -> train(model(0), FASHION, validated(1, 0.1, 1e-4, 0)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("validation");
  }

  @Test
  void aRateThatIsTooHighIsReportedAsDivergence() {
    assertThatThrownBy(() -> train(model(0), FASHION, config(3, 1e6, 64)))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("epoch 1");
  }

  @Test
  void anInterruptedThreadStopsBetweenTwoBatches() {
    List<Integer> steps = new ArrayList<>();
    Progress interrupting =
        (epoch, epochs, images, of) -> {
          steps.add(images);
          if (images >= 192) {
            Thread.currentThread().interrupt();
          }
        };
    assertThatThrownBy(
            () ->
                Trainer.train(
                    ENGINE, model(0), FASHION, config(2, 0.05, 64), Map.of(), 3, interrupting))
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(steps).containsExactly(64, 128, 192);
  }

  @Test
  void aLoneLastImageJoinsTheBatchBeforeIt() {
    Samples samples = Samples.all(new SyntheticDataset(Shape.of(1, 14, 14), 9, 3, 1));
    List<Integer> steps = new ArrayList<>();
    Trainer.train(
        ENGINE,
        model(0),
        samples,
        config(1, 0.01, 4),
        Map.of(),
        1,
        (epoch, epochs, images, of) -> steps.add(images));
    assertThat(steps).containsExactly(4, 9);
  }

  @Test
  void ratesFollowTorchsSchedulers() {
    TrainingConfig cosine = config(10, 0.05, 64);
    // CosineAnnealingLR(SGD(lr=0.05), T_max=10)
    double[] expected = {0.05, 0.048776413, 0.045225425, 0.039694631, 0.032725425, 0.025};
    for (int epoch = 0; epoch < expected.length; epoch++) {
      assertThat(Schedules.lr(cosine, epoch)).isCloseTo(expected[epoch], within(1e-9));
    }
    TrainingConfig step =
        new TrainingConfig(
            9, Optimizer.SGD, 0.1, 0.9, 0, 64, Schedule.STEP, 3, 0.5, false, 0, 0, 0, 0);
    assertThat(IntStream.range(0, 9).mapToDouble(epoch -> Schedules.lr(step, epoch)).toArray())
        .containsExactly(0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025);
  }

  @Test
  void augmentationShiftsByAtMostTheCropAndMirrorsHalfOfTheImages() {
    Shape shape = Shape.of(2, 5, 6);
    int size = Math.toIntExact(shape.size());
    TrainingConfig config =
        new TrainingConfig(
            1, Optimizer.SGD, 0.1, 0.9, 0, 64, Schedule.CONSTANT, 3, 0.5, true, 2, 0, 0, 0);
    Augmentation augmentation =
        new Augmentation(config, shape, SplitMix64.stream(1, "augmentation"));
    int mirrored = 0;
    int shifted = 0;
    for (int trial = 0; trial < 2_000; trial++) {
      float[] images = new float[2 * size];
      for (int i = 0; i < images.length; i++) {
        images[i] = i + 1;
      }
      augmentation.apply(images, size);
      for (int i = 0; i < size; i++) {
        assertThat(images[i]).isEqualTo(i + 1);
      }
      int found = 0;
      for (int down = -2; down <= 2; down++) {
        for (int right = -2; right <= 2; right++) {
          for (int mirror = 0; mirror < 2; mirror++) {
            if (matches(images, size, shape, down, right, mirror == 1)) {
              found++;
              mirrored += mirror;
              shifted += down != 0 || right != 0 ? 1 : 0;
            }
          }
        }
      }
      assertThat(found).isEqualTo(1);
    }
    assertThat(mirrored).isBetween(900, 1_100);
    assertThat(shifted).isBetween(1_860, 1_980);
  }

  private static boolean matches(
      float[] images, int offset, Shape shape, int down, int right, boolean mirror) {
    int height = shape.dim(1);
    int width = shape.dim(2);
    for (int i = 0; i < shape.size(); i++) {
      int x = i % width + right;
      int y = i / width % height + down;
      int c = i / width / height;
      boolean inside = x >= 0 && x < width && y >= 0 && y < height;
      int source = (c * height + y) * width + (mirror ? width - 1 - x : x);
      if (images[offset + i] != (inside ? offset + source + 1 : 0)) {
        return false;
      }
    }
    return true;
  }
}
