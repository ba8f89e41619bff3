package io.prunegrid.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.offset;

import io.prunegrid.common.BadInput;
import io.prunegrid.pipeline.CellConfig;
import io.prunegrid.pipeline.Inputs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepLanguageTest {
  private static final String BASE =
      "data = fashion, models = [{ name = resnet20, weights = procedural }], ratios = [0.5]\n";

  @TempDir Path folder;

  private Path write(String name, String text) {
    try {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Sweep read(String lines, String... only) {
    Path file = write("v.conf", "sweep {\n" + lines + "\n}\n");
    Path presets = folder.resolve("presets");
    SweepContext context =
        new SweepContext(
            List.of(only),
            Files.isDirectory(presets) ? Presets.in(presets) : Presets.shipped(),
            new Inputs());
    return SweepFile.read(file, List.of(), context, new FakeVocabulary());
  }

  private List<String> problems(String lines, String... only) {
    BadInput bad = catchThrowableOfType(BadInput.class, () -> read(lines, only));
    assertThat(bad).as("a refusal of %s", lines).isNotNull();
    return bad.problems().stream().map(p -> p.replace(folder + "/", "")).toList();
  }

  private static String lines(String... lines) {
    return String.join("\n", lines);
  }

  private static List<CellConfig> cells(Sweep sweep) {
    return sweep.cells().stream().map(GridCell::config).toList();
  }

  private List<Double> ratios(String ratios) {
    return read(BASE + "methods = [ln], ratios = " + ratios).grids().get(0).ratios();
  }

  @Test
  void aRangeByPointsHasBothEndsAndDecimalsThatAPersonCanWrite() {
    assertThat(ratios("{ from = 0.1, to = 0.9, points = 5 }"))
        .containsExactly(0.1, 0.3, 0.5, 0.7, 0.9);
    assertThat(ratios("{ from = 0.001, to = 0.1, points = 3, scale = log }"))
        .containsExactly(0.001, 0.01, 0.1);
    assertThat(ratios("{ from = 0.9, to = 0.999, points = 3, scale = log-kept }"))
        .containsExactly(0.9, 0.99, 0.999);
    assertThat(ratios("{ from = 0.1, to = 0.8, points = 4, scale = log }"))
        .allMatch(ratio -> String.valueOf(ratio).length() <= 8)
        .satisfies(all -> assertThat(all.get(1) / all.get(0)).isCloseTo(2, offset(1e-4)));
    assertThat(
            problems(
                BASE + "methods = [ln], ratios = { from = 0, to = 0.1, points = 3, scale = log }"))
        .containsExactly(
            "v.conf:3: sweep.ratios starts at 0; allowed with scale = log: a number above 0");
    assertThat(
            problems(
                BASE + "methods = [ln], ratios = { from = 0, to = 0.1, points = 3, step = 1 }"))
        .containsExactly("v.conf:3: sweep.ratios has step and points; allowed: one of the two");
  }

  @Test
  void seedsAreListedCountedOrARange() {
    assertThat(seeds("{ count = 5 }")).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(seeds("{ count = 2, from = 10 }")).containsExactly(10L, 11L);
    assertThat(seeds("{ from = 1, to = 8, step = 3 }")).containsExactly(1L, 4L, 7L);
    assertThat(problems(BASE + "methods = [ln], seeds = { count = 2, to = 8 }"))
        .containsExactly(
            "v.conf:3: sweep.seeds has a count and an end; allowed: { count, from } or { from, to,"
                + " step }");
    assertThat(problems(BASE + "methods = [ln], seeds = { from = 2, to = 1 }"))
        .containsExactly("v.conf:3: sweep.seeds runs from 2 down to 1, which is empty");
  }

  private List<Long> seeds(String seeds) {
    return read(BASE + "methods = [ln], seeds = " + seeds).grids().get(0).seeds();
  }

  @Test
  void zippedAxesAdvanceTogetherAndTheOthersMultiply() {
    Sweep sweep =
        read(
            BASE
                + "methods = [ln, taylor, random], ratios = [0.1, 0.2, 0.3], seeds = [1, 2]\n"
                + "zip = [methods, ratios]");
    assertThat(sweep.grids().get(0).product()).isEqualTo(6);
    assertThat(cells(sweep))
        .extracting(cell -> cell.method().name() + cell.ratio() + "/" + cell.seed())
        .containsExactly(
            "ln0.1/1", "taylor0.2/1", "random0.3/1", "ln0.1/2", "taylor0.2/2", "random0.3/2");
    assertThat(problems(BASE + "methods = [ln, taylor], zip = [[methods, ratios]]"))
        .containsExactly(
            "v.conf:3: sweep.zip: methods has 2 values and ratios has 1; zipped axes are of one"
                + " length");
    assertThat(problems(BASE + "methods = [ln], zip = [[methods], [ratio, methods]]"))
        .containsExactly(
            "v.conf:3: sweep.zip[0] names one axis; allowed: at least two",
            "v.conf:3: sweep.zip[1]: unknown axis 'ratio'; did you mean 'ratios'? allowed: models,"
                + " seeds, subsets, methods, ratios",
            "v.conf:3: sweep.zip[1]: 'methods' is zipped twice");
  }

  @Test
  void anyKeyOfAGridCanVaryAloneOrWithAnAxis() {
    Sweep sweep =
        read(
            BASE
                + "methods = [ln], retrain.epochs = 1\n"
                + "vary { retrain.lr = { from = 0.001, to = 0.1, points = 3, scale = log }, head = [full, subset] }");
    assertThat(cells(sweep)).hasSize(6);
    assertThat(cells(sweep).stream().map(cell -> cell.head() + " " + cell.retrain().lr()))
        .containsExactlyInAnyOrder(
            "full 0.001", "full 0.01", "full 0.1", "subset 0.001", "subset 0.01", "subset 0.1");
    assertThat(sweep.grids().get(0).label()).isEqualTo("main (head = full, retrain.lr = 0.001)");

    Sweep zipped =
        read(
            BASE
                + "methods = [ln], seeds = [7, 8], vary { \"retrain.epochs\" = [1, 2] }\n"
                + "zip = [seeds, retrain.epochs]");
    assertThat(cells(zipped))
        .extracting(cell -> cell.seed() + ":" + cell.retrain().epochs())
        .containsExactly("7:1", "8:2");
    assertThat(
            problems(
                BASE + "methods = [ln], vary { retrain.lrr = [1], ratios = [0.1], head = [] }"))
        .containsExactly(
            "v.conf:3: sweep.vary.head is []; allowed: a list of values, or a range",
            "v.conf:3: unknown key of vary 'ratios'; did you mean 'ties'? allowed: "
                + String.join(
                    ", ",
                    SweepKeys.GRID_NAMES.stream()
                        .filter(
                            name ->
                                !Set.of(
                                        "models", "subsets", "methods", "ratios", "seeds", "vary",
                                        "zip", "exclude")
                                    .contains(name))
                        .toList()),
            "v.conf:3: vary: unknown key of retrain 'lrr'; did you mean 'lr'? allowed: "
                + String.join(", ", SweepKeys.names(SweepKeys.TRAINING).toList()));
  }

  private static final String MANY =
      BASE
          + "methods = [{ name = ln, p = 1 }, { name = ln, p = 2 }, random], seeds = [0, 1]\n"
          + "ratios = [0.1, 0.5, 0.9], subsets = [all, { name = ab, classes = [0, 1] }]\n";

  @Test
  void excludeLeavesOutWhatMatchesAllOfARule() {
    assertThat(cells(read(MANY))).hasSize(36);
    List<CellConfig> kept =
        cells(
            read(
                MANY
                    + "exclude = [{ method = ln, p = 2, ratio = \">= 0.5\" }, { subset = \"a*\", seed = 1 }]"));
    Set<CellConfig> expected =
        cells(read(MANY)).stream()
            .filter(
                cell -> !("2".equals(cell.method().parameters().get("p")) && cell.ratio() >= 0.5))
            .filter(cell -> cell.seed() != 1)
            .collect(Collectors.toSet());
    assertThat(new HashSet<>(kept)).isEqualTo(expected);
  }

  @Test
  void aRuleOfTheSweepHoldsInGridsThatDoNotVaryWhatItNames() {
    String grids =
        MANY
            + "grids { a { vary { head = [full, subset] } }, b { head = full, seeds = [5] }, c {} }\n";
    Set<String> kept =
        cells(read(grids + "exclude = [{ head = full }]")).stream()
            .map(cell -> cell.head() + " " + cell.seed())
            .collect(Collectors.toSet());
    assertThat(kept).contains("subset 0", "subset 1").doesNotContain("full 5");
  }

  @Test
  void onlyKeepsWhatMatchesEveryAxisAndValuesOfOneAxisAddUp() {
    assertThat(cells(read(MANY, "method=random", "ratio=0.1,0.9", "seed=1")))
        .hasSize(4)
        .allMatch(cell -> cell.method().name().equals("random") && cell.seed() == 1);
    assertThat(cells(read(MANY, "ratio=0.1", "ratio=0.9"))).hasSize(24);
    assertThat(cells(read(MANY, "ratio>=0.5"))).hasSize(24);
    assertThat(cells(read(MANY + "only { subset = ab }", "p=2"))).hasSize(6);
    assertThat(cells(read(MANY + "grids { x { seeds = [5] }, y {} }", "grid=x"))).hasSize(18);
  }

  @Test
  void aRuleThatMatchesNothingOrLeavesNothingIsASlip() {
    assertThat(problems(MANY, "method=tailor", "seed=7"))
        .containsExactlyInAnyOrder(
            "--only method: 'tailor' matches nothing; there are: ln, random",
            "--only seed: '7' matches nothing; there are: 0, 1");
    assertThat(problems(MANY + "exclude = [{ ratio = 0.4 }]"))
        .containsExactly(
            "v.conf:5: sweep.exclude[0].ratio: '0.4' matches nothing; there are:"
                + " 0.1, 0.5, 0.9");
    assertThat(problems(MANY + "exclude = [{ model = resnet20 }]"))
        .containsExactly("v.conf:1: sweep has no cell left after its rules only and exclude");
    assertThat(problems(MANY + "exclude = [{ layer = x }]"))
        .containsExactly(
            "v.conf:5: unknown key of sweep.exclude[0] 'layer'; allowed: model, seed, subset,"
                + " method, ratio, grid, p");
    assertThat(problems(MANY + "exclude = [{ ratio = half }]").get(0))
        .isEqualTo(
            "v.conf:5: sweep.exclude[0].ratio is 'half'; allowed: a number, or one after <, <=, >"
                + " or >=");
  }

  @Test
  void moreCellsThanAnybodyRunsAreRefusedBeforeTheyAreMade() {
    assertThat(problems(MANY + "seeds = { count = 1000000 }"))
        .containsExactly("v.conf:1: sweep has 18000000 cells; allowed: at most 10000000");
  }

  @Test
  void aModelMayOverrideItsGrid() {
    List<CellConfig> cells =
        cells(
            read(
                lines(
                    "data = fashion, ratios = [0.5], ignore = [conv1]",
                    "retrain { epochs = 1, lr = 0.5 }",
                    "methods = [ln, { name = taylor, scope = local }], scope = global",
                    "models = [{ name = resnet20, weights = procedural, retrain.lr = 0.1,",
                    "  ignore = [\"layer1.*\"] }, { name = small-cnn, train.epochs = 2 }]")));
    assertThat(cells)
        .extracting(
            cell ->
                cell.model().name()
                    + cell.selection().ignore()
                    + cell.selection().scope()
                    + cell.retrain().lr()
                    + cell.training().epochs())
        .containsExactly(
            "resnet20[layer1.*]global0.10",
            "resnet20[layer1.*]local0.10",
            "small-cnn[conv1]global0.52",
            "small-cnn[conv1]local0.52");
    assertThat(
            problems(
                "data = fashion, methods = [ln], ratios = [0.5]\n"
                    + "models = [{ name = resnet20, weights = procedural, ignore = [\"x*\", conv1] }]"))
        .containsExactly("v.conf:3: sweep.models[0].ignore: 'x*' matches no layer of resnet20");
  }

  @Test
  void whatCannotBePrunedOrUsedIsToldBeforeAnythingRuns() {
    assertThat(
            problems(
                lines(
                    "data = fashion, ratios = [0.5], train.epochs = 1",
                    "models = [small-cnn]",
                    "methods = [random, { name = ln, ignore = \"*\" }]",
                    "subsets = [[1, 5], { name = all, classes = [3] }]")))
        .containsExactly(
            "v.conf:4: sweep.methods[1]: no channel of small-cnn can go",
            "v.conf:5: sweep.subsets[1] has the name 'all', which means every class; allowed:"
                + " another name",
            "v.conf:5: sweep.subsets[0]: small-cnn: the network's head has no class 5");
  }

  @Test
  void aPresetStandsForWhatItsFileHoldsAndGivesWay() {
    write(
        "presets/model/mine.conf",
        "model { name = resnet20, weights = procedural, ignore = [conv1] }");
    write("presets/data/clothes.conf", "data = fashion");
    write("presets/method/two.conf", "p = 2\nmethod { name = ln, p = ${p} }");
    write("presets/subset/pair.conf", "subset { classes = [shirt, tie] }");
    Sweep sweep =
        read(
            lines(
                "data = clothes, models = [mine, { name = mine, ignore = [\"bn*\"], label = other }]",
                "methods = [two, { name = two, scope = global, label = wide }]",
                "subsets = [pair, all], ratios = [0.5]"),
            "method=two");
    assertThat(cells(sweep))
        .extracting(
            cell ->
                cell.data()
                    + cell.model().name()
                    + cell.selection().ignore()
                    + cell.method().parameters()
                    + cell.subset().name()
                    + cell.subset().classes())
        .containsExactly(
            "fashionresnet20[conv1]{p=2}pair[0, 9]",
            "fashionresnet20[conv1]{p=2}all[]",
            "fashionresnet20[bn*]{p=2}pair[0, 9]",
            "fashionresnet20[bn*]{p=2}all[]");
    write(
        "presets/model/needy.conf",
        "model { name = resnet20, weights = ${NO_SUCH_VARIABLE_HERE} }");
    assertThat(problems("data = fashion, models = [needy], methods = [ln], ratios = [0.5]").get(0))
        .endsWith(
            "needy.conf:1: ${NO_SUCH_VARIABLE_HERE} stands for nothing: neither the file nor the"
                + " environment sets NO_SUCH_VARIABLE_HERE");
  }

  @Test
  void aUsersPresetHidesAShippedOne() {
    assertThat(Presets.shipped().names(PresetKind.SUBSET)).contains("cifar10-vehicles");
    assertThat(Presets.shipped().names(PresetKind.SWEEP)).contains("quickstart");
    write("presets/subset/cifar10-vehicles.conf", "# Mine.\nsubset { classes = [1] }");
    Presets mine = Presets.in(folder.resolve("presets"));
    assertThat(mine.list(PresetKind.SUBSET))
        .filteredOn(preset -> preset.name().equals("cifar10-vehicles"))
        .singleElement()
        .satisfies(preset -> assertThat(preset.summary()).isEqualTo("Mine."));
  }

  @Test
  void includesMustExistAndAreFiles() {
    write("common.conf", "methods = [ln], ratios = [0.25]");
    Sweep sweep =
        read(
            "include \"common.conf\"\ndata = fashion, models = [{ name = resnet20, weights = procedural }]");
    assertThat(cells(sweep)).extracting(CellConfig::ratio).containsExactly(0.25);
    assertThat(problems("include \"comon.conf\"").get(0)).contains("comon.conf", "no such file");
    assertThat(problems("include url(\"http://127.0.0.1:1/x\")").get(0))
        .contains("only files can be included");
  }

  @Test
  void theResolvedSweepMeansTheSameAloneSomewhereElse() {
    write("presets/subset/pair.conf", "subset { classes = [shirt, tie] }");
    write("common.conf", "seeds = { count = 3 }, keep-models = true");
    String text =
        "shared = 0.01\nsweep {\ninclude \"common.conf\"\n"
            + MANY
            + "subsets = [pair, all], retrain { epochs = 2, lr = ${shared} }\n"
            + "vary { retrain.momentum = [0, 0.9] }, time-limit = 5 m, latency {}, gpus = 0.5\n"
            + "exclude = [{ method = random, ratio = \">0.5\" }], zip = [subsets, seeds]\n"
            + "grids { one { seeds = [3, 4] }, two { ratios = { from = 0.1, to = 0.4, step = 0.1 }, seeds = [0, 1] } }\n"
            + "}\n";
    Path file = write("whole.conf", text);
    List<String> overrides = List.of("retrain.weight-decay=0.001", "grids.two.scope=global");
    SweepContext context =
        new SweepContext(
            List.of("grid=two", "grid=one"), Presets.in(folder.resolve("presets")), new Inputs());
    Sweep sweep = SweepFile.read(file, overrides, context, new FakeVocabulary());
    String resolved = SweepFile.resolved(file, overrides, context, new FakeVocabulary());
    Path alone = write("alone/other-name.conf", resolved);
    Sweep again = SweepFile.read(alone, List.of(), new FakeVocabulary());

    assertThat(again.name()).isEqualTo("whole");
    assertThat(again.cells()).isEqualTo(sweep.cells()).isNotEmpty();
    assertThat(again.execution()).isEqualTo(sweep.execution());
    assertThat(again.limits()).isEqualTo(sweep.limits());
    assertThat(again.latency()).isEqualTo(sweep.latency());
    assertThat(again.stores()).isEqualTo(sweep.stores());
  }
}
