package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Apply;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.Sha256;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.data.DataSource;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Samples;
import io.prunegrid.measure.Evaluation;
import io.prunegrid.measure.Evaluator;
import io.prunegrid.pipeline.SmallCells.MemoryArtifacts;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.ImageCounts;
import io.prunegrid.train.TrainingConfig;
import io.prunegrid.train.TrainingConfig.Optimizer;
import io.prunegrid.train.TrainingConfig.Schedule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cells on real images: the small network on the fashion set that ships with the project. */
class CellRunnerTest {
  private static final SubsetConfig TOPS = new SubsetConfig("tops", List.of(4, 0, 2));

  private static Engine engine;
  private static MemoryArtifacts artifacts;

  @BeforeAll
  static void open() {
    engine = Engine.open(ComputeDevice.CPU);
    artifacts = new MemoryArtifacts();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"random", "ln", "group-magnitude", "taylor", "magnitude"})
  void aCellRunAgainGivesTheSameResult(String method) {
    CellConfig cell = cell(method, 0.5, TOPS, Head.SUBSET, 1);

    CellRunner.Finished first = runner(new MemoryArtifacts()).run(cell);
    CellRunner.Finished second = runner(new MemoryArtifacts()).run(cell);

    assertThat(second.model().weights()).isEqualTo(first.model().weights());
    assertThat(withoutTimes(second.result())).isEqualTo(withoutTimes(first.result()));
    assertThat(first.result().effect()).isEqualTo(Effect.REMOVED);
    assertThat(first.headClasses()).containsExactly(4, 0, 2);
  }

  @Test
  void aReusedScoreGivesTheRowOfAFreshOne() {
    CellConfig cell = cell("taylor", 0.3, TOPS, Head.SUBSET, 1);
    MemoryArtifacts fresh = new MemoryArtifacts();
    CellRunner.Finished computed = runner(fresh).run(cell);
    CellRunner.Finished reused = runner(fresh).run(cell);

    assertThat(computed.result().scoreReused()).isFalse();
    assertThat(reused.result().scoreReused()).isTrue();
    assertThat(reused.result().baseReused()).isTrue();
    assertThat(withoutTimes(reused.result())).isEqualTo(withoutTimes(computed.result()));
    assertThat(reused.model().weights()).isEqualTo(computed.model().weights());
  }

  @Test
  void theStructuresThatARowNamesAreMadeAgainWithoutRunningTheCell() {
    CellConfig cell = cell("taylor", 0.5, TOPS, Head.NEW, 1);
    CellRunner.Finished finished = runner(artifacts).run(cell);
    CellRunner.Structures structures = runner(artifacts).structures(cell);

    assertThat(structures.pruned()).isEqualTo(finished.model().graph());
    assertThat(structures.prunedHash()).isEqualTo(finished.result().after().structure());
    assertThat(structures.baseHash())
        .isEqualTo(finished.result().before().structure())
        .isNotEqualTo(structures.prunedHash());
  }

  @Test
  void masksAndSilencedChannelsKeepTheStructure() {
    CellResult masked =
        runner(artifacts).run(cell("magnitude", 0.7, TOPS, Head.SUBSET, 0)).result();

    assertThat(masked.after().structure()).isEqualTo(masked.before().structure());
  }

  @Test
  void aRatioOfZeroIsARowOfTheBase() {
    CellResult result = runner(artifacts).run(cell("ln", 0, TOPS, Head.SUBSET, 0)).result();

    assertThat(result.effect()).isEqualTo(Effect.BASE);
    assertThat(counts(result.pruned())).isEqualTo(counts(result.base()));
    assertThat(result.after()).isEqualTo(result.before());
    assertThat(result.retrained()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"taylor", "magnitude"})
  void aRatioOfZeroScoresNothingAndEvaluatesOnce(String method) {
    MemoryArtifacts store = new MemoryArtifacts();
    CellConfig cell = cell(method, 0, TOPS, Head.SUBSET, 0);
    runner(store).prepareBase(cell);
    ImageCounts.takeOfThread();

    CellResult zero = runner(store).run(cell).result();
    ImageCounts counts = ImageCounts.takeOfThread();
    CellResult some = runner(store).run(cell(method, 0.5, TOPS, Head.SUBSET, 0)).result();

    assertThat(counts).isEqualTo(new ImageCounts(new Inputs().work(cell).testImages(), 0, 0));
    assertThat(zero.scoreHash()).isEmpty();
    assertThat(zero.prunable()).isEqualTo(some.prunable());
    assertThat(zero.channelsKept().keySet()).isEqualTo(some.channelsKept().keySet());
  }

  @ParameterizedTest
  @ValueSource(strings = {"taylor", "ln"})
  void theNetworksSeeExactlyTheImagesThatThePlanCounts(String method) {
    CellConfig cell = validating(cell(method, 0.5, TOPS, Head.SUBSET, 2));
    CellWork work = new Inputs().work(cell);
    ImageCounts.takeOfThread();

    runner(new MemoryArtifacts()).run(cell);

    assertThat(ImageCounts.takeOfThread())
        .isEqualTo(
            new ImageCounts(
                3 * work.testImages()
                    + work.base().validationImages()
                    + work.retrain().validationImages(),
                method.equals("taylor") ? work.scoreImages() : 0,
                work.base().images() + work.retrain().images()));
    assertThat(work.scoreImages()).isEqualTo(method.equals("taylor") ? 3 * 11 : 0);
    assertThat(work.retrain().images() + work.retrain().validationImages()).isEqualTo(2 * 128);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sees=all", "head=subset", "images=first 7"})
  void whatACriterionIsShownIsWhatItsParametersSay(String parameter) {
    String method = parameter.startsWith("images") ? "ocap" : "taylor";
    CellConfig usual = cell(method, 0.5, TOPS, Head.SUBSET, 0);
    String[] pair = parameter.split("=", 2);
    CellConfig changed = with(usual, Map.of(pair[0], pair[1]));
    CellConfig others = SmallCells.on(new SubsetConfig("others", List.of(1, 3)), changed);
    MemoryArtifacts store = new MemoryArtifacts();
    runner(store).prepareBase(usual);
    ImageCounts.takeOfThread();

    runner(store).prepareScores(changed);

    assertThat(ImageCounts.takeOfThread())
        .isEqualTo(new ImageCounts(0, new Inputs().work(changed).scoreImages(), 0));
    CellResult result = runner(store).run(changed).result();
    assertThat(result.scoreReused()).isTrue();
    assertThat(result.scoreHash()).isNotEqualTo(runner(store).run(usual).result().scoreHash());
    assertThat(runner(store).run(others).result().scoreReused())
        .isEqualTo(parameter.equals("sees=all"));
  }

  @Test
  void maskedWeightsStayZeroWhileRetraining() {
    CellRunner.Finished cell = runner(artifacts).run(cell("magnitude", 0.7, TOPS, Head.SUBSET, 2));

    assertThat(cell.result().after().params()).isEqualTo(cell.result().before().params());
    assertThat(cell.result().after().nonzeroParams())
        .isLessThan(cell.result().before().nonzeroParams() / 2);
  }

  @Test
  void silencedChannelsStaySilentWhileRetraining() {
    CellConfig removing = cell("ln", 0.5, TOPS, Head.SUBSET, 1);
    SelectionConfig silent = silencing(removing.selection());
    CellConfig zeroing = with(removing, silent);

    CellResult removed = runner(artifacts).run(removing).result();
    CellResult zeroed = runner(artifacts).run(zeroing).result();

    assertThat(counts(zeroed.pruned())).isEqualTo(counts(removed.pruned()));
    assertThat(zeroed.after().params()).isEqualTo(zeroed.before().params());
    assertThat(zeroed.after().nonzeroMacs()).isLessThan(zeroed.before().nonzeroMacs());
  }

  @Test
  void everyHeadIsEvaluatedBeforeAndAfterTheSameWay() {
    CellResult subset = runner(artifacts).run(cell("ln", 0.3, TOPS, Head.SUBSET, 0)).result();
    CellResult full = runner(artifacts).run(cell("ln", 0.3, TOPS, Head.FULL, 0)).result();
    CellResult fresh = runner(artifacts).run(cell("ln", 0.3, TOPS, Head.NEW, 1)).result();

    assertThat(full.base().n()).isEqualTo(subset.base().n()).isEqualTo(fresh.base().n());
    assertThat(full.base().correct()).isLessThan(subset.base().correct());
    assertThat(full.channelsKept()).containsValue(10).doesNotContainValue(3);
    assertThat(subset.before().params())
        .isEqualTo(fresh.before().params())
        .isLessThan(full.before().params());
    assertThat(fresh.retrained().orElseThrow().top1Percent())
        .isGreaterThan(fresh.pruned().top1Percent());
  }

  @Test
  void theRowCountsWhatAnIndependentEvaluationOfItsModelCounts() {
    CellRunner.Finished cell =
        runner(artifacts).run(cell("group-magnitude", 0.5, TOPS, Head.SUBSET, 1));
    DataSource fashion = Datasets.open("fashion");

    Evaluation again =
        Evaluator.evaluate(
            engine, cell.model(), Samples.all(fashion.test()).remapped(TOPS.classes()));

    assertThat(counts(again)).isEqualTo(counts(cell.result().retrained().orElseThrow()));
    assertThat(cell.model().parameterCount()).isEqualTo(cell.result().after().params());
  }

  @Test
  void globalScopeAndRoundingReachTheSelection() {
    CellConfig local = cell("taylor", 0.5, SubsetConfig.ALL, Head.SUBSET, 0);
    SelectionConfig changed =
        new SelectionConfig(
            Scope.GLOBAL,
            local.selection().rounding(),
            local.selection().onEmpty(),
            1,
            8,
            List.of(),
            List.of(),
            local.selection().ties(),
            Apply.REMOVE);
    CellResult result = runner(artifacts).run(with(local, changed)).result();

    result
        .channelsKept()
        .forEach(
            (layer, kept) -> {
              if (layer.contains("conv")) {
                assertThat(kept % 8).as(layer).isZero();
              }
            });
  }

  private static CellRunner runner(Artifacts store) {
    Inputs inputs = new Inputs();
    return new CellRunner(engine, inputs, new SharedWork(engine, inputs, store));
  }

  /** A cell that trains its base for one epoch on few images. */
  private static CellConfig cell(
      String method, double ratio, SubsetConfig subset, Head head, int retrainEpochs) {
    return new CellConfig(
        new ModelConfig("small-cnn", Optional.empty(), OptionalInt.empty(), OptionalInt.empty()),
        training(1, 0.05, 600),
        "fashion",
        subset,
        head,
        new MethodConfig(method, Criteria.named(method).resolve(Map.of()), 40, 0),
        SelectionConfig.defaults(),
        ratio,
        training(retrainEpochs, 0.02, 128),
        7);
  }

  private static TrainingConfig training(int epochs, double lr, int samples) {
    return new TrainingConfig(
        epochs, Optimizer.SGD, lr, 0.9, 5e-4, 32, Schedule.COSINE, 30, 0.1, true, 1, 0, 0, samples);
  }

  private static SelectionConfig silencing(SelectionConfig config) {
    return new SelectionConfig(
        config.scope(),
        config.rounding(),
        config.onEmpty(),
        config.minChannels(),
        config.roundTo(),
        config.ignore(),
        config.protect(),
        config.ties(),
        Apply.ZERO);
  }

  private static CellConfig with(CellConfig cell, SelectionConfig selection) {
    return new CellConfig(
        cell.model(),
        cell.training(),
        cell.data(),
        cell.subset(),
        cell.head(),
        cell.method(),
        selection,
        cell.ratio(),
        cell.retrain(),
        cell.seed());
  }

  private static CellConfig with(CellConfig cell, Map<String, String> parameters) {
    String method = cell.method().name();
    return new CellConfig(
        cell.model(),
        cell.training(),
        cell.data(),
        cell.subset(),
        cell.head(),
        new MethodConfig(method, Criteria.named(method).resolve(parameters), 40, 0),
        cell.selection(),
        cell.ratio(),
        cell.retrain(),
        cell.seed());
  }

  /** The same with parts to validate with, and at most 11 images of a class to score with. */
  private static CellConfig validating(CellConfig cell) {
    TrainingConfig base = cell.training();
    return new CellConfig(
        cell.model(),
        withValidation(base),
        cell.data(),
        cell.subset(),
        cell.head(),
        new MethodConfig(cell.method().name(), cell.method().parameters(), 0, 11),
        cell.selection(),
        cell.ratio(),
        withValidation(cell.retrain()),
        cell.seed());
  }

  private static TrainingConfig withValidation(TrainingConfig config) {
    return new TrainingConfig(
        config.epochs(),
        config.optimizer(),
        config.lr(),
        config.momentum(),
        config.weightDecay(),
        config.batch(),
        config.schedule(),
        config.stepEpochs(),
        config.gamma(),
        config.flip(),
        config.crop(),
        0.13,
        0,
        config.samples());
  }

  private static String counts(Evaluation evaluation) {
    return Sha256.of(EvaluationCodec.INSTANCE.encode(evaluation));
  }

  private static List<Object> withoutTimes(CellResult result) {
    return List.of(
        result.keys(),
        result.inputs(),
        result.baseHash(),
        result.scoreHash(),
        result.effect(),
        counts(result.base()),
        counts(result.pruned()),
        result.retrained().map(CellRunnerTest::counts),
        result.before(),
        result.after(),
        result.prunable(),
        result.removed(),
        result.channelsKept(),
        result.retrainBestEpoch());
  }
}
