package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.AttentionUnit;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Apply;
import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.channel.SelectionConfig.Ties;
import io.prunegrid.common.Sha256;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.train.TrainingConfig;
import io.prunegrid.train.TrainingConfig.Optimizer;
import io.prunegrid.train.TrainingConfig.Schedule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CellKeysTest {
  private static final InputHashes GIVEN = new InputHashes("graph", Optional.of("weights"), "data");
  private static final InputHashes TRAINED = new InputHashes("graph", Optional.empty(), "data");

  @Test
  void seedsThatVaryNothingFallTogether() {
    CellConfig first = cell("ln", 0.5, 0, 1);
    CellConfig second = cell("ln", 0.5, 0, 2);

    assertThat(CellKeys.of(first, GIVEN)).isEqualTo(CellKeys.of(second, GIVEN));
  }

  @Test
  void aTrainedBaseConsumesTheSeed() {
    CellKeys first = CellKeys.of(cell("ln", 0.5, 0, 1), TRAINED);
    CellKeys second = CellKeys.of(cell("ln", 0.5, 0, 2), TRAINED);

    assertThat(first.base()).isNotEqualTo(second.base());
    assertThat(first.cell()).isNotEqualTo(second.cell());
  }

  @Test
  void aRandomMethodConsumesTheSeedForItsScoreOnly() {
    CellKeys first = CellKeys.of(cell("random", 0.5, 0, 1), GIVEN);
    CellKeys second = CellKeys.of(cell("random", 0.5, 0, 2), GIVEN);

    assertThat(first.base()).isEqualTo(second.base());
    assertThat(first.evaluation()).isEqualTo(second.evaluation());
    assertThat(first.score()).isNotEqualTo(second.score());
    assertThat(first.cell()).isNotEqualTo(second.cell());
  }

  @Test
  void aRatioOfZeroConsumesNoScore() {
    CellKeys first = CellKeys.of(cell("random", 0, 0, 1), GIVEN);
    CellKeys second = CellKeys.of(cell("random", 0, 0, 2), GIVEN);

    assertThat(first.cell()).isEqualTo(second.cell());
    assertThat(first.cell()).isNotEqualTo(CellKeys.of(cell("ln", 0, 0, 1), GIVEN).cell());
  }

  @Test
  void retrainingConsumesTheSeedForTheCellOnly() {
    CellKeys first = CellKeys.of(cell("ln", 0.5, 3, 1), GIVEN);
    CellKeys second = CellKeys.of(cell("ln", 0.5, 3, 2), GIVEN);

    assertThat(first.score()).isEqualTo(second.score());
    assertThat(first.cell()).isNotEqualTo(second.cell());
  }

  @Test
  void ratiosShareBaseEvaluationAndScore() {
    CellKeys first = CellKeys.of(cell("taylor", 0.3, 1, 1), GIVEN);
    CellKeys second = CellKeys.of(cell("taylor", 0.5, 1, 1), GIVEN);

    assertThat(first.base()).isEqualTo(second.base());
    assertThat(first.evaluation()).isEqualTo(second.evaluation());
    assertThat(first.score()).isEqualTo(second.score());
    assertThat(first.cell()).isNotEqualTo(second.cell());
  }

  @Test
  void theContentOfInputsDecidesAndNotTheirPlace() {
    CellConfig here = cell("ln", 0.5, 1, 1);
    CellConfig there =
        new CellConfig(
            new ModelConfig(
                "resnet20", Optional.of("/elsewhere"), OptionalInt.empty(), OptionalInt.empty()),
            here.training(),
            "cifar10:/elsewhere",
            new SubsetConfig("another name", List.of(0, 1)),
            here.head(),
            here.method(),
            here.selection(),
            here.ratio(),
            here.retrain(),
            here.seed());
    InputHashes changed = new InputHashes("graph", Optional.of("other weights"), "data");

    assertThat(CellKeys.of(there, GIVEN)).isEqualTo(CellKeys.of(here, GIVEN));
    assertThat(CellKeys.of(here, changed).cell()).isNotEqualTo(CellKeys.of(here, GIVEN).cell());
  }

  @Test
  void settingsThatNothingConsumesAreInNoKey() {
    SelectionConfig defaults = SelectionConfig.defaults();
    CellKeys channels = CellKeys.of(selecting("ln", defaults), GIVEN);
    CellKeys weights = CellKeys.of(selecting("magnitude", defaults), GIVEN);
    SelectionConfig ties = with(defaults, OnEmpty.KEEP_BEST, 1, 1, Ties.ALL, Apply.REMOVE);
    SelectionConfig least = with(defaults, OnEmpty.KEEP_BEST, 4, 1, Ties.EXACT, Apply.REMOVE);
    SelectionConfig skip = with(defaults, OnEmpty.SKIP, 1, 1, Ties.EXACT, Apply.REMOVE);
    SelectionConfig skipLeast = with(defaults, OnEmpty.SKIP, 4, 1, Ties.EXACT, Apply.REMOVE);
    SelectionConfig round = with(defaults, OnEmpty.KEEP_BEST, 1, 8, Ties.EXACT, Apply.ZERO);

    assertThat(CellKeys.of(selecting("ln", ties), GIVEN)).isEqualTo(channels);
    assertThat(CellKeys.of(selecting("magnitude", ties), GIVEN)).isNotEqualTo(weights);
    for (SelectionConfig config : List.of(least, skip, round)) {
      assertThat(CellKeys.of(selecting("ln", config), GIVEN)).isNotEqualTo(channels);
      assertThat(CellKeys.of(selecting("magnitude", config), GIVEN)).isEqualTo(weights);
    }
    assertThat(CellKeys.of(selecting("ln", skip), GIVEN))
        .isEqualTo(CellKeys.of(selecting("ln", skipLeast), GIVEN));
    assertThat(Canonical.text(patient(0, 3))).isEqualTo(Canonical.text(patient(0, 0)));
    assertThat(Canonical.text(patient(0.1, 3))).isNotEqualTo(Canonical.text(patient(0.1, 0)));
  }

  /** Scores by layer do not ask what goes together, those of classes do; masks ask neither. */
  @Test
  void whatGoesOfAttentionIsInTheKeysThatItDecides() {
    SelectionConfig heads =
        SelectionConfig.defaults().with(Limits.NONE.withAttention(AttentionUnit.HEADS));
    for (String method : List.of("ln", "group-magnitude", "magnitude")) {
      CellKeys positions = CellKeys.of(selecting(method, SelectionConfig.defaults()), GIVEN);
      CellKeys whole = CellKeys.of(selecting(method, heads), GIVEN);
      assertThat(whole.cell().equals(positions.cell())).isEqualTo(method.equals("magnitude"));
      assertThat(whole.score().equals(positions.score()))
          .isEqualTo(!method.equals("group-magnitude"));
    }
  }

  @Test
  void aKeyIsTheHashOfASpellingThatHoldsWhatDecides() {
    CellConfig cell = cell("taylor", 0.30, 1, 7);
    CellIdentities.Family family = new CellIdentities().family(cell, GIVEN);

    assertThat(Sha256.of(family.text(0.3))).isEqualTo(CellKeys.of(cell, GIVEN).cell());
    assertThat(family.text(0.3))
        .isEqualTo(
            "{\"evaluation\":{\"base\":{\"kind\":\"base\",\"network\":\"graph\",\"weights\":"
                + "\"weights\"},\"data\":\"data\",\"head\":\"subset\",\"kind\":\"evaluation\","
                + "\"subset\":[0,1],\"version\":1},\"kind\":\"cell\",\"ratio\":0.3,\"retrain\":"
                + "{\"batch\":128,\"crop\":0,\"epochs\":1,\"flip\":false,\"lr\":0.01,"
                + "\"momentum\":0.9,\"optimizer\":\"sgd\",\"samples\":0,\"schedule\":\"constant\","
                + "\"validation\":0,\"weight-decay\":0.0005},\"retrain-stream\":7,\"scoring\":"
                + "{\"method\":\"taylor\",\"parameters\":{\"head\":\"full\",\"normalizer\":\"auto\","
                + "\"reduction\":\"mean\",\"sees\":\"subset\",\"tap\":\"layer\"},"
                + "\"samples\":0,\"samples-per-class\":0,"
                + "\"version\":"
                + Criteria.named("taylor").version()
                + "},\"selection\":{\"apply\":\"remove\",\"ignore\":[],\"min-channels\":1,"
                + "\"on-empty\":\"keep-best\",\"protect\":[],\"round-to\":1,\"rounding\":\"up\","
                + "\"scope\":\"local\",\"version\":3},\"version\":1}");
  }

  @Test
  void oneMakerForAllCellsGivesTheKeysOfOneMakerEach() {
    CellIdentities shared = new CellIdentities();
    for (String method : Criteria.names()) {
      for (long seed : List.of(1L, 2L)) {
        for (double ratio : List.of(0.0, 0.5)) {
          for (InputHashes inputs : List.of(GIVEN, TRAINED)) {
            CellConfig cell = cell(method, ratio, 2, seed);
            assertThat(shared.family(cell, inputs).keys(ratio))
                .isEqualTo(CellKeys.of(cell, inputs));
          }
        }
      }
    }
  }

  private static TrainingConfig patient(double validation, int patience) {
    return new TrainingConfig(
        1,
        Optimizer.SGD,
        0.01,
        0.9,
        5e-4,
        128,
        Schedule.CONSTANT,
        30,
        0.1,
        false,
        0,
        validation,
        patience,
        0);
  }

  private static SelectionConfig with(
      SelectionConfig config, OnEmpty onEmpty, int least, int roundTo, Ties ties, Apply apply) {
    return new SelectionConfig(
        config.scope(),
        config.rounding(),
        onEmpty,
        least,
        roundTo,
        config.ignore(),
        config.protect(),
        ties,
        apply);
  }

  private static CellConfig selecting(String method, SelectionConfig selection) {
    CellConfig cell = cell(method, 0.5, 0, 1);
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

  @Test
  void canonicalSpellingHasSortedKeysAndPlainDecimals() {
    assertThat(Canonical.json(Map.of("b", 0.1 + 0.2 - 0.2, "a", List.of(1.0, "x\"y"), "c", 5e-4)))
        .isEqualTo("{\"a\":[1,\"x\\\"y\"],\"b\":0.10000000000000003,\"c\":0.0005}");
    assertThat(Canonical.decimal(1e-10)).isEqualTo("0.0000000001");
    assertThat(Canonical.decimal(-0.0)).isEqualTo("0");
  }

  /** A cell whose retraining lasts so many epochs. */
  private static CellConfig cell(String method, double ratio, int epochs, long seed) {
    return new CellConfig(
        new ModelConfig("resnet20", Optional.of("/here"), OptionalInt.empty(), OptionalInt.empty()),
        training(5),
        "cifar10:/here",
        new SubsetConfig("two", List.of(0, 1)),
        Head.SUBSET,
        new MethodConfig(method, Criteria.named(method).resolve(Map.of()), 0, 0),
        SelectionConfig.defaults(),
        ratio,
        training(epochs),
        seed);
  }

  private static TrainingConfig training(int epochs) {
    return new TrainingConfig(
        epochs, Optimizer.SGD, 0.01, 0.9, 5e-4, 128, Schedule.CONSTANT, 30, 0.1, false, 0, 0, 0, 0);
  }
}
