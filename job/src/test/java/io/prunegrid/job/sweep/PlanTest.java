package io.prunegrid.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.sweep.Plan.PlannedCell;
import io.prunegrid.pipeline.CellIdentities;
import io.prunegrid.pipeline.CellInputs;
import io.prunegrid.pipeline.CellKeys;
import io.prunegrid.pipeline.Inputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {
  private static final Inputs INPUTS = new Inputs();
  private static final SweepContext CONTEXT =
      new SweepContext(List.of(), Presets.shipped(), INPUTS);

  @TempDir Path folder;

  private Sweep sweep(String... lines) throws IOException {
    Path file = folder.resolve("p.conf");
    Files.writeString(file, "sweep {\n" + String.join("\n", lines) + "\n}\n");
    return SweepFile.read(file, List.of(), CONTEXT);
  }

  private Sweep mixed() throws IOException {
    return sweep(
        "data = fashion, models = [small-cnn, { name = small-cnn, weights = procedural }]",
        "train.epochs = 1, seeds = [0, 1, 2], ratios = [0, 0.2, 0.5, 0.9]",
        "subsets = [all, \"1,2\"], methods = [ln, random, { name = taylor, samples = 50 }, magnitude]",
        "grids { a {}, b { ratios = [0.5, 0.6], retrain.epochs = 1 }, c { ratios = [0.2, 0.3] } }");
  }

  /** The same by the book: a map from key to cell. */
  private static Map<String, GridCell> naive(Sweep sweep, CellInputs inputs) {
    Map<String, GridCell> cells = new LinkedHashMap<>();
    for (GridCell cell : sweep.cells()) {
      cells.putIfAbsent(CellKeys.of(cell.config(), inputs.hashes(cell.config())).cell(), cell);
    }
    return cells;
  }

  @Test
  void theTableHoldsWhatAMapByKeyWouldHold() throws IOException {
    Sweep sweep = mixed();
    Plan plan = Plan.of(sweep, INPUTS);
    Map<String, GridCell> expected = naive(sweep, INPUTS);

    assertThat(plan.asked()).isEqualTo(sweep.cells().size());
    assertThat(plan.cells())
        .extracting(cell -> cell.keys().cell())
        .containsExactlyElementsOf(expected.keySet());
    for (PlannedCell cell : plan.cells()) {
      GridCell same = expected.get(cell.keys().cell());
      assertThat(cell.config()).isEqualTo(same.config());
      assertThat(cell.grid()).isEqualTo(same.grid());
      assertThat(cell.keys()).isEqualTo(CellKeys.of(same.config(), INPUTS.hashes(same.config())));
    }
    assertThat(plan.collapsed()).isEqualTo(sweep.cells().size() - expected.size()).isPositive();
  }

  @Test
  void sharedWorkIsListedOnceAndOnlyWhatTheChosenCellsNeed() throws IOException {
    Plan plan = Plan.of(mixed(), INPUTS);
    for (Plan part :
        List.of(plan, plan.where(key -> key.hashCode() % 3 == 0), plan.where(key -> false))) {
      check(part, part.bases(), cell -> cell.keys().base(), cell -> true);
      check(part, part.evaluations(), cell -> cell.keys().evaluation(), cell -> true);
      check(part, part.scores(), cell -> cell.keys().score(), cell -> cell.config().ratio() != 0);
    }
  }

  private static void check(
      Plan plan,
      List<PlannedCell> listed,
      Function<PlannedCell, String> key,
      Predicate<PlannedCell> needs) {
    Set<String> expected = plan.cells().stream().filter(needs).map(key).collect(Collectors.toSet());
    assertThat(listed).extracting(key).doesNotHaveDuplicates();
    assertThat(new HashSet<>(listed.stream().map(key).toList())).isEqualTo(expected);
  }

  @Test
  void scoresOfOnePassOverTheImagesAreCountedOnceWhereTheyAreMissing() throws IOException {
    Sweep sweep =
        sweep(
            "data = fashion, models = [{ name = small-cnn, weights = procedural }]",
            "ratios = [0, 0.5], subsets = [all, \"1,2\"], samples = 50",
            "methods = [taylor, apoz, ln, sensitivity, { name = activation, samples = 60 }]");
    Plan plan = Plan.of(sweep, INPUTS);
    List<List<PlannedCell>> passes = ScoringPasses.of(plan, key -> false);

    assertThat(passes)
        .extracting(pass -> pass.stream().map(cell -> cell.config().method().name()).toList())
        .containsExactly(
            List.of("taylor", "sensitivity"),
            List.of("apoz"),
            List.of("activation"),
            List.of("taylor", "sensitivity"),
            List.of("apoz"),
            List.of("activation"));
    assertThat(PlannedImages.of(plan, key -> false).counts().scored())
        .isEqualTo(2 * (50 + 50 + 60));
    String made = passes.get(0).get(0).keys().score();
    assertThat(ScoringPasses.of(plan, made::equals).get(1)).hasSize(1);
    assertThat(PlannedImages.of(plan, made::equals).counts().scored())
        .isEqualTo(2 * (50 + 50 + 60));
  }

  @Test
  void finishedCellsAreLeftOutWhateverElseIsFinished() throws IOException {
    Plan plan = Plan.of(mixed(), INPUTS);
    List<String> keys = plan.cells().stream().map(cell -> cell.keys().cell()).toList();
    Plan rest = plan.without(Set.of(keys.get(0), keys.get(5), "ff".repeat(32)));

    assertThat(rest.cells()).hasSize(keys.size() - 2);
    assertThat(rest.cells())
        .extracting(cell -> cell.keys().cell())
        .doesNotContain(keys.get(0), keys.get(5));
    assertThat(rest.asked()).isEqualTo(plan.asked());
  }

  @Test
  void aSweepWithoutItsInputsHasAsManyCellsBasesAndScores() throws IOException {
    String lines =
        "methods = [ln, taylor], ratios = [0.2, 0.5], subsets = [all, \"ship,truck\"], seeds = [1, 2]";
    SweepContext absent = CONTEXT.withoutInputs();
    Path file = folder.resolve("absent.conf");
    Files.writeString(
        file,
        "sweep { data = \"cifar10:/no/such/folder\"\n models = [{ name = resnet20, weights = /no/such.th }]\n"
            + lines
            + " }");
    Plan plan = Plan.of(SweepFile.read(file, List.of(), absent), absent.inputs());
    assertThat(plan.cells()).hasSize(8);
    assertThat(plan.bases()).hasSize(1);
    assertThat(plan.scores()).hasSize(3);
    assertThat(plan.evaluations()).hasSize(2);
    assertThat(absent.missing())
        .containsExactly("data cifar10:/no/such/folder", "weights /no/such.th");
  }

  @Test
  void anExplanationNamesTheSettingThatChanged() throws IOException {
    String[] lines = {
      "data = fashion, models = [{ name = small-cnn, weights = procedural }]",
      "methods = [ln], ratios = [0.2, 0.5], retrain { epochs = 1, lr = 0.01 }"
    };
    Plan before = Plan.of(sweep(lines), INPUTS);
    Explanation explanation =
        new Explanation(
            before.cells().stream()
                .map(
                    cell ->
                        new Explanation.FinishedRow(
                            cell.keys().cell(), Optional.of(identity(cell)), cell.label()))
                .toList(),
            Set.of());
    assertThat(explanation.of(before.cells().get(0), INPUTS).get(1)).contains("is finished");

    lines[1] = lines[1].replace("lr = 0.01", "lr = 0.02");
    Plan after = Plan.of(sweep(lines), INPUTS);
    assertThat(explanation.of(after.cells().get(1), INPUTS))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("cell ").contains("ln p=1 0.5"),
            line -> assertThat(line).contains("made with other settings"),
            line -> assertThat(line).contains(before.cells().get(1).keys().cell().substring(0, 12)),
            line ->
                assertThat(line.replaceAll(" +", " "))
                    .isEqualTo(" retrain.lr 0.01 there, 0.02 here"));

    lines[1] = lines[1].replace("lr = 0.02", "lr = 0.01").replace("0.5]", "0.6]");
    assertThat(explanation.of(Plan.of(sweep(lines), INPUTS).cells().get(1), INPUTS))
        .anyMatch(line -> line.contains("no row is at its place"))
        .anyMatch(line -> line.contains("there, 0.6 here"));
  }

  private static String identity(PlannedCell cell) {
    return new CellIdentities()
        .family(cell.config(), INPUTS.hashes(cell.config()))
        .text(cell.config().ratio());
  }
}
