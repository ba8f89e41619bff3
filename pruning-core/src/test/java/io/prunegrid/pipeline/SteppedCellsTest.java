package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.Limits.Between;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Tensor;
import io.prunegrid.measure.Evaluator;
import io.prunegrid.pipeline.SmallCells.MemoryArtifacts;
import io.prunegrid.runtime.BackwardMasks;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.ImageCounts;
import io.prunegrid.runtime.TrainingMasks;
import io.prunegrid.train.Trainer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cells whose selection takes several steps, and whose retraining is masked, on real images. */
class SteppedCellsTest {
  private static final MemoryArtifacts STORE = new MemoryArtifacts();

  private static Engine engine;

  @BeforeAll
  static void open() {
    engine = Engine.open(ComputeDevice.CPU);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  /** The same by hand: prune, train, score what is left, prune the rest. */
  @ParameterizedTest
  @ValueSource(strings = {"taylor", "magnitude"})
  void retrainingBetweenStepsIsPruningTrainingScoringAndPruning(String method) {
    MethodConfig config = SmallCells.method(method, 40, Map.of());
    SelectionConfig two = SmallCells.selection(SmallCells.steps(2, Between.RETRAIN));
    CellConfig cell = SmallCells.cell(config, 0.5, two, 1);
    CellRunner.Finished finished = SmallCells.runner(engine, STORE).run(cell);

    Inputs inputs = new Inputs();
    SharedWork shared = new SharedWork(engine, inputs, STORE);
    LoadedModel base = shared.base(cell, CellKeys.of(cell, inputs.hashes(cell))).value();
    SubsetView all = SubsetView.of(cell, base, 10);
    Model whole = base.model();
    CoupledChannels channels = CoupledChannels.of(whole.graph());
    Pruner.Outcome half =
        Pruner.prune(
            whole,
            channels,
            config,
            shared.score(cell, all, channels),
            0.25,
            SelectionConfig.defaults());
    Model trained = train(inputs, cell, half.model(), half.masks());
    CoupledChannels left = CoupledChannels.of(trained.graph());
    // 12 of 16 and 24 of 32 channels are left, of which another third goes; masks stay and grow
    boolean masks = method.equals("magnitude");
    Pruner.Outcome rest =
        Pruner.prune(
            trained,
            left,
            config,
            shared.score(cell, all.with(trained), left),
            masks ? 0.5 : 1.0 / 3,
            SelectionConfig.defaults());
    Model last = train(inputs, cell, rest.model(), rest.masks());

    assertThat(finished.model().weights()).isEqualTo(last.weights());
    CellConfig once =
        SmallCells.cell(config, 0.5, SmallCells.selection(SmallCells.steps(2, Between.NOTHING)), 1);
    assertThat(SmallCells.runner(engine, STORE).run(once).model().weights())
        .isNotEqualTo(last.weights());
  }

  private static Model train(
      Inputs inputs, CellConfig cell, Model model, Map<String, Tensor> masks) {
    Samples images = Samples.all(inputs.data(cell).train());
    long seed = SeedStream.RETRAIN.under(cell.seed());
    return Trainer.train(engine, model, images, cell.retrain(), masks, seed, Trainer.SILENT)
        .model();
  }

  @ParameterizedTest
  @ValueSource(strings = {"taylor", "ln", "magnitude"})
  void thePlanCountsTheImagesOfAllSteps(String method) {
    Limits steps = SmallCells.steps(3, Between.RETRAIN);
    CellConfig cell =
        SmallCells.cell(
            SmallCells.method(method, 40, Map.of()), 0.5, SmallCells.selection(steps), 1);
    CellWork work = new Inputs().work(cell);
    MemoryArtifacts store = new MemoryArtifacts();
    SmallCells.runner(engine, store).prepareBase(cell);
    ImageCounts.takeOfThread();

    SmallCells.runner(engine, store).run(cell);

    long scored = method.equals("taylor") ? 40 : 0;
    assertThat(work.steps().scoreImages()).isEqualTo(2 * scored);
    assertThat(work.steps().training().images()).isEqualTo(2 * 128);
    assertThat(ImageCounts.takeOfThread())
        .isEqualTo(
            new ImageCounts(
                3 * work.testImages(),
                work.scoreImages() + work.steps().scoreImages(),
                work.retrain().images() + work.steps().training().images()));
  }

  @Test
  void separabilityBacksOffUntilTheAccuracyHolds() {
    MethodConfig free = SmallCells.method("tvs", 200, Map.of());
    MethodConfig bound = SmallCells.method("tvs", 200, Map.of("accuracy", "0.8", "rounds", "6"));
    SelectionConfig plain = SelectionConfig.defaults();
    CellConfig cell = SmallCells.cell(bound, 0.8, plain, 0);
    CellRunner runner = SmallCells.runner(engine, STORE);
    CellRunner.Finished whole = runner.run(SmallCells.cell(free, 0, plain, 0));
    CellRunner.Finished far = runner.run(SmallCells.cell(free, 0.8, plain, 0));
    ImageCounts.takeOfThread();
    CellRunner.Finished kept = runner.run(cell);
    ImageCounts counts = ImageCounts.takeOfThread();

    double limit = 0.8 * accuracy(whole.model());
    assertThat(accuracy(far.model())).isLessThan(limit);
    assertThat(accuracy(kept.model())).isGreaterThanOrEqualTo(limit);
    assertThat(kept.result().removed()).isPositive().isLessThan(far.result().removed());
    CellWork work = new Inputs().work(cell);
    assertThat(work.steps().stop()).isEqualTo(CellWork.Stop.PERHAPS_EARLY);
    assertThat(counts.scored())
        .isLessThanOrEqualTo(work.scoreImages() + work.steps().scoreImages());
    assertThat(counts.evaluated() - 2 * work.testImages())
        .isLessThanOrEqualTo(work.steps().evaluatedImages());
  }

  private static double accuracy(Model model) {
    Samples seen = Samples.all(new Inputs().data("fashion").train()).first(200);
    return Evaluator.evaluate(engine, model, seen).top1Percent();
  }

  @Test
  void gradientsAlonePrunedLeaveTheNetworkWholeAndTrainItOtherwise() {
    MethodConfig method = SmallCells.method("gradient-only", 0, Map.of());
    CellConfig cell = SmallCells.cell(method, 0.6, SelectionConfig.defaults(), 1);
    CellRunner.Finished masked = SmallCells.runner(engine, STORE).run(cell);
    CellRunner.Finished zero =
        SmallCells.runner(engine, STORE)
            .run(SmallCells.cell(method, 0, SelectionConfig.defaults(), 1));

    CellResult result = masked.result();
    assertThat(result.effect()).isEqualTo(Effect.REMOVED);
    assertThat(result.after()).isEqualTo(result.before());
    assertThat(result.pruned().top1Percent()).isEqualTo(result.base().top1Percent());
    long weights =
        masked.model().graph().parameters().entrySet().stream()
            .filter(e -> e.getKey().matches("conv.*weight"))
            .mapToLong(e -> e.getValue().shape().size())
            .sum();
    assertThat(result.prunable()).isEqualTo(weights);
    assertThat((double) result.removed() / weights).isBetween(0.59, 0.61);
    assertThat(masked.model().weights()).isNotEqualTo(zero.model().weights());

    // by hand: the smallest weights of each convolution, left out of gradients
    Inputs inputs = new Inputs();
    SharedWork shared = new SharedWork(engine, inputs, STORE);
    Model base = shared.base(cell, CellKeys.of(cell, inputs.hashes(cell))).value().model();
    CoupledChannels channels = CoupledChannels.of(base.graph());
    MethodConfig sizes = SmallCells.method("magnitude", 0, Map.of());
    LoadedModel loaded = shared.base(cell, CellKeys.of(cell, inputs.hashes(cell))).value();
    Map<String, Tensor> masks =
        new java.util.LinkedHashMap<>(
            Pruner.prune(
                    base,
                    channels,
                    sizes,
                    shared.score(
                        SmallCells.cell(sizes, 0.6, SelectionConfig.defaults(), 1),
                        SubsetView.of(cell, loaded, 10),
                        channels),
                    0.6,
                    SelectionConfig.defaults())
                .masks());
    masks.keySet().removeIf(name -> !name.startsWith("conv"));
    Model byHand =
        Trainer.train(
                engine,
                base,
                Samples.all(inputs.data(cell).train()),
                cell.retrain(),
                new TrainingMasks(Map.of(), new BackwardMasks(masks, 1)),
                SeedStream.RETRAIN.under(cell.seed()),
                Trainer.SILENT)
            .model();
    assertThat(masked.model().weights()).isEqualTo(byHand.weights());
  }
}
