package io.prunegrid.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.sweep.Plan.PlannedCell;
import io.prunegrid.pipeline.Inputs;
import io.prunegrid.testing.Shared;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sweeps that repeat published studies have the runs that were published. */
class StudiesTest {
  private static final Path SWEEPS = Shared.repository().resolve("sweeps");

  /** Runs of the experiments, as the study's table has them. */
  private static final int[] RUNS = {
    14, 14, 14, 22, 22, 22, 22, 22, 22, 22, 22, 22, 20, 20, 20, 22, 22, 10, 20, 20, 22, 24, 70
  };

  private static final Map<Integer, Planned> EXPERIMENTS = new LinkedHashMap<>();

  private record Planned(Sweep sweep, Plan plan, Set<String> missing) {}

  @BeforeAll
  static void planAll() {
    for (int experiment = 1; experiment <= RUNS.length; experiment++) {
      EXPERIMENTS.put(experiment, counted(file(experiment)));
    }
  }

  private static String file(int experiment) {
    return String.format("class-aware-%02d.conf", experiment);
  }

  private static Planned counted(String name) {
    SweepContext context =
        new SweepContext(List.of(), Presets.shipped(), new Inputs()).withoutInputs();
    Sweep sweep = SweepFile.read(SWEEPS.resolve(name), List.of(), context);
    return new Planned(sweep, Plan.of(sweep, context.inputs()), context.missing());
  }

  @Test
  void theTwentyThreeExperimentsHaveTheirFiveHundredAndTenRuns() {
    List<Integer> asked =
        EXPERIMENTS.values().stream().map(planned -> planned.plan.asked()).toList();
    assertThat(asked).containsExactlyElementsOf(boxed(RUNS));
    assertThat(asked.stream().mapToInt(Integer::intValue).sum()).isEqualTo(510);
    EXPERIMENTS.forEach(
        (number, planned) ->
            assertThat(planned.plan.cells()).as("experiment " + number).hasSize(RUNS[number - 1]));
  }

  private static List<Integer> boxed(int[] numbers) {
    List<Integer> boxed = new ArrayList<>();
    for (int number : numbers) {
      boxed.add(number);
    }
    return boxed;
  }

  @Test
  void theyShareFewScores() {
    Set<String> scores = new HashSet<>();
    EXPERIMENTS
        .values()
        .forEach(p -> p.plan.scores().forEach(cell -> scores.add(cell.keys().score())));
    assertThat(scores).hasSizeBetween(30, 49);
  }

  @Test
  void whatIsNotHereIsNamed() {
    EXPERIMENTS.forEach(
        (number, planned) ->
            assertThat(planned.missing).anyMatch(what -> what.startsWith("data imagenet:")));
    assertThat(EXPERIMENTS.get(22).missing).anyMatch(what -> what.endsWith("per-class=300"));
    assertThat(EXPERIMENTS.get(21).sweep.waitsFor().orElseThrow()).startsWith("distillation");
  }

  @ParameterizedTest
  @CsvSource({"1, images of ImageNet cannot be read", "21, it waits for distillation"})
  void aStudyThatCannotRunIsRefusedByName(int experiment, String reason) {
    BadInput bad =
        catchThrowableOfType(
            BadInput.class, () -> SweepFile.read(SWEEPS.resolve(file(experiment)), List.of()));
    assertThat(bad.problems()).anyMatch(problem -> problem.contains(reason));
    assertThat(bad.problems()).anyMatch(problem -> problem.contains("imagenet:"));
  }

  @Test
  void theCorrectedStudyHasTheSameCellsButForWhatItCorrects() {
    Planned corrected = counted("class-aware-corrected.conf");
    Map<String, List<String>> grids =
        corrected.sweep.cells().stream()
            .collect(
                Collectors.groupingBy(
                    cell -> cell.grid().substring(1, 3),
                    Collectors.mapping(cell -> place(cell), Collectors.toList())));
    assertThat(grids).hasSize(22).doesNotContainKey("21");
    grids.forEach(
        (number, places) ->
            assertThat(places)
                .as("experiment " + number)
                .containsExactlyInAnyOrderElementsOf(
                    EXPERIMENTS.get(Integer.parseInt(number)).sweep.cells().stream()
                        .map(StudiesTest::place)
                        .toList()));
    assertThat(corrected.plan.asked()).isEqualTo(510 - RUNS[20]);
    assertThat(corrected.plan.scores().size()).isLessThanOrEqualTo(49);
    assertThat(corrected.plan.cells())
        .filteredOn(cell -> cell.config().method().name().equals("ocap"))
        .allMatch(cell -> cell.config().method().parameters().get("images").equals("all"));
  }

  private static String place(GridCell cell) {
    var config = cell.config();
    return String.join(
        " ",
        config.model().name(),
        config.subset().classes().toString(),
        config.method().name(),
        String.valueOf(config.method().samplesPerClass()),
        String.valueOf(config.ratio()),
        String.valueOf(config.retrain().batch()),
        config.data());
  }

  @ParameterizedTest
  @CsvSource({
    "class-aware-cifar10.conf, 183",
    "global-curve.conf, 16",
    "survey.conf, 7",
    "all-methods.conf, 144"
  })
  void theStudiesThatRunHereHaveTheirCells(String name, int cells) {
    assertThat(counted(name).plan.asked()).isEqualTo(cells);
  }

  @Test
  void everySweepIsListedInOneLine() {
    List<Presets.Listed> listed = Presets.shipped().list(PresetKind.SWEEP);
    assertThat(listed)
        .extracting(Presets.Listed::name)
        .contains("class-aware-01", "class-aware-23", "survey", "global-curve", "all-methods")
        .noneMatch(name -> name.contains("studies"));
    assertThat(listed)
        .filteredOn(each -> each.name().startsWith("class-aware"))
        .hasSize(RUNS.length + 2)
        .allMatch(each -> each.summary().startsWith("Class-aware study"));
  }

  @Test
  void aPlannedStudyHoldsTheMethodsOfItsPaper() {
    assertThat(EXPERIMENTS.get(18).plan.cells())
        .extracting(cell -> cell.config().method().name() + " " + cell.config().ratio())
        .contains("ocap 0.9845", "ocap 0.99", "ln 0.489", "lrp 0.348", "taylor 0.375")
        .contains("magnitude 0.5");
    for (PlannedCell cell : EXPERIMENTS.get(13).plan.cells()) {
      assertThat(cell.config().method().parameters()).containsEntry("images", "first 128");
      assertThat(cell.config().method().samplesPerClass()).isEqualTo(25);
    }
  }
}
