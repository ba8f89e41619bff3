package io.prunegrid.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.channel.AttentionUnit;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.pipeline.CellConfig;
import io.prunegrid.pipeline.Head;
import io.prunegrid.pipeline.MethodConfig;
import io.prunegrid.pipeline.SubsetConfig;
import io.prunegrid.train.TrainingConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepFileTest {
  @TempDir Path folder;

  private Sweep read(String text, String... overrides) {
    Path file = folder.resolve("vehicles.conf");
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return SweepFile.read(file, List.of(overrides), new FakeVocabulary());
  }

  private static String sweep(String... lines) {
    return "sweep {\n" + String.join("\n", lines) + "\n}\n";
  }

  private static final String WHOLE =
      """
      sweep {
        name  = vehicles
        data  = fashion
        seeds = [0, 1, 2, 3, 4]
        retrain { epochs = 10, optimizer = sgd, lr = 0.01, momentum = 0.9, weight-decay = 5e-4, batch = 128 }
        models  = [ { name = resnet20, weights = procedural } ]
        subsets = [ all, { name = vehicles, classes = [0, 1, 8, 9] } ]
        methods = [ { name = ln, p = 1 }, { name = taylor, samples = 256 }, { name = random } ]
        ratios  = { from = 0.1, to = 0.9, step = 0.1 }
        ignore  = [ conv1, "*.conv2" ]
        grids {
          wide { }
          class-aware { methods = [ { name = taylor, samples-per-class = 25 } ], ratios = [0.9, 0.97, 0.99] }
        }
      }
      """;

  @Test
  void theSweepOfTheReferenceMeansWhatItSays() {
    Sweep sweep = read(WHOLE);

    assertThat(sweep.name()).isEqualTo("vehicles");
    assertThat(sweep.results()).isEqualTo("results/vehicles");
    assertThat(sweep.store()).isEqualTo("results/vehicles/store");
    assertThat(sweep.models()).isEqualTo(Sweep.KeepModels.NO);
    assertThat(sweep.grids()).extracting(Grid::name).containsExactly("wide", "class-aware");
    assertThat(sweep.cells()).hasSize(5 * 2 * 3 * 9 + 5 * 2 * 3);

    CellConfig first = sweep.cells().get(0).config();
    assertThat(first.method())
        .isEqualTo(new MethodConfig("ln", new TreeMap<>(Map.of("p", "1")), 0, 0));
    assertThat(first.selection().ignore()).containsExactly("conv1", "*.conv2");
    assertThat(first.retrain().epochs()).isEqualTo(10);
    assertThat(first.training()).isEqualTo(TrainingConfig.defaults());
    assertThat(first.head()).isEqualTo(Head.SUBSET);

    Grid classAware = sweep.grids().get(1);
    assertThat(classAware.subsets())
        .containsExactly(SubsetConfig.ALL, new SubsetConfig("vehicles", List.of(0, 1, 8, 9)));
    assertThat(classAware.methods().get(0).method().samplesPerClass()).isEqualTo(25);
    assertThat(classAware.ratios()).containsExactly(0.9, 0.97, 0.99);
  }

  @Test
  void cellsThatShareABaseStandTogetherAndRatiosVaryFastest() {
    List<CellConfig> cells =
        read(WHOLE).grids().get(0).cells().stream().map(GridCell::config).toList();

    assertThat(cells.subList(0, 9)).extracting(CellConfig::ratio).isSorted();
    assertThat(cells.subList(0, 54)).extracting(CellConfig::seed).containsOnly(0L);
    assertThat(cells.subList(0, 27)).extracting(CellConfig::subset).containsOnly(SubsetConfig.ALL);
  }

  @Test
  void aSweepHasAsManyCellsAsTheProductOfItsAxesAndAllDiffer() {
    SplitMix64 random = new SplitMix64(7);
    for (int round = 0; round < 50; round++) {
      int seeds = 1 + random.nextInt(4);
      int subsets = 1 + random.nextInt(4);
      int ratios = 1 + random.nextInt(5);
      int methods = 1 + random.nextInt(3);
      Sweep sweep =
          read(
              sweep(
                  "data = fashion, models = [{ name = resnet20, weights = procedural }]",
                  "seeds = " + IntStream.range(0, seeds).boxed().toList(),
                  "subsets = " + IntStream.range(0, subsets).boxed().toList(),
                  "methods = " + List.of("ln", "taylor", "random").subList(0, methods),
                  "ratios = "
                      + IntStream.range(0, ratios)
                          .mapToObj(i -> "0." + (i + 1))
                          .collect(Collectors.toList())));
      assertThat(sweep.cells()).hasSize(seeds * subsets * ratios * methods);
      assertThat(new HashSet<>(sweep.cells())).hasSize(sweep.cells().size());
    }
  }

  private static final String BASE =
      "data = fashion, models = [{ name = resnet20, weights = procedural }], methods = [ln]";

  private List<Double> ratios(String ratios) {
    return read(sweep(BASE, "ratios = " + ratios)).grids().get(0).ratios();
  }

  @Test
  void aRangeGivesCanonicalDecimalsAndIncludesItsEnd() {
    assertThat(ratios("{ from = 0.1, to = 0.9, step = 0.1 }"))
        .extracting(String::valueOf)
        .containsExactly("0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9");
    assertThat(ratios("{ from = 0, to = 0.5, step = 0.2 }")).containsExactly(0.0, 0.2, 0.4);
    assertThat(ratios("{ from = 0.25, to = 0.25, step = 1 }")).containsExactly(0.25);
    assertThat(ratios("[0.30, 5e-1, 0]")).containsExactly(0.3, 0.5, 0.0);
  }

  @Test
  void everyStepOfEveryRangeIsTheDecimalThatAPersonWouldWrite() {
    for (int step = 1; step <= 50; step++) {
      List<Double> ratios =
          ratios("{ from = 0, to = 0.99, step = 0." + (step < 10 ? "0" : "") + step + " }");
      for (int i = 0; i < ratios.size(); i++) {
        assertThat(ratios.get(i)).isEqualTo(Double.parseDouble(i * step + "e-2"));
      }
      assertThat(ratios).hasSize(99 / step + 1);
    }
  }

  @Test
  void whatGoesOfAttentionVariesLikeAnyOtherKey() {
    Sweep sweep = read(sweep(BASE, "ratios = [0.5], vary { attention = [positions, heads] }"));
    assertThat(sweep.grids().stream().flatMap(grid -> grid.methods().stream()))
        .extracting(method -> method.selection().limits().attention())
        .containsExactly(AttentionUnit.POSITIONS, AttentionUnit.HEADS);
  }

  @Test
  void aMethodOverridesItsGridAndAGridTheSweep() {
    Sweep sweep =
        read(
            sweep(
                BASE,
                "ratios = [0.5], scope = global, round-to = 4, head = full, samples = 100",
                "retrain { epochs = 1, lr = 0.1 }",
                "grids {",
                "  a { methods = [ln, { name = taylor, scope = local, samples-per-class = 3 }] }",
                "  b { scope = local, retrain.epochs = 2, methods = [taylor] }",
                "}"));
    Grid a = sweep.grids().get(0);
    assertThat(a.methods())
        .extracting(method -> method.selection().scope())
        .containsExactly(SelectionConfig.Scope.GLOBAL, SelectionConfig.Scope.LOCAL);
    assertThat(a.methods()).extracting(method -> method.selection().roundTo()).containsOnly(4);
    assertThat(a.methods()).extracting(m -> m.method().samples()).containsExactly(0, 0);
    assertThat(a.methods()).extracting(m -> m.method().samplesPerClass()).containsExactly(0, 3);
    Grid b = sweep.grids().get(1);
    assertThat(b.methods().get(0).selection().scope()).isEqualTo(SelectionConfig.Scope.LOCAL);
    assertThat(b.methods().get(0).method().samples()).isEqualTo(100);
    assertThat(b.models().get(0).retrain().epochs()).isEqualTo(2);
    assertThat(b.models().get(0).retrain().lr()).isEqualTo(0.1);
    assertThat(b.head()).isEqualTo(Head.FULL);
  }

  @Test
  void subsetsAreWrittenInSixWays() {
    Sweep sweep =
        read(
            sweep(
                BASE,
                "ratios = [0.5]",
                "subsets = [all, \"0,1\", 2, [8, 9], { classes = [ship] }, "
                    + "{ name = clothes, classes = \"shirt, coat\" }]"));
    assertThat(sweep.grids().get(0).subsets())
        .containsExactly(
            SubsetConfig.ALL,
            new SubsetConfig("0,1", List.of(0, 1)),
            new SubsetConfig("2", List.of(2)),
            new SubsetConfig("8,9", List.of(8, 9)),
            new SubsetConfig("8", List.of(8)),
            new SubsetConfig("clothes", List.of(0, 2)));
  }

  @Test
  void aNameIsTheFilesWhereItIsLeftOut() {
    assertThat(read(sweep(BASE, "ratios = [0]")).name()).isEqualTo("vehicles");
  }

  @Test
  void definitionsBesideTheSweepServeSubstitutions() {
    Sweep sweep = read("rate = 0.25\n" + sweep(BASE, "ratios = [${rate}]"));
    assertThat(sweep.grids().get(0).ratios()).containsExactly(0.25);
  }

  @Test
  void anOverrideReachesEveryKey() {
    assertThat(read(WHOLE, "sweep.ratios=[0.85]").grids().get(0).ratios()).containsExactly(0.85);
    assertThat(read(WHOLE, "ratios.step=0.4").grids().get(0).ratios())
        .containsExactly(0.1, 0.5, 0.9);
    assertThat(read(WHOLE, "retrain.epochs=3").grids().get(1).models().get(0).retrain().epochs())
        .isEqualTo(3);
    assertThat(read(WHOLE, "train.epochs=3").grids().get(1).models().get(0).training().epochs())
        .isEqualTo(3);
    assertThat(read(WHOLE, "sweep.grids.class-aware.ratios=[0.5]").grids().get(1).ratios())
        .containsExactly(0.5);
    assertThat(read(WHOLE, "ignore=*.conv2").grids().get(0).methods().get(0).selection().ignore())
        .containsExactly("*.conv2");
    assertThat(read(WHOLE, "models=[{name=small-cnn,weights=procedural}]").grids().get(0).models())
        .extracting(model -> model.model().name())
        .containsExactly("small-cnn");
    assertThat(read(WHOLE, "results=/tmp/a b", "results=/tmp/c").results()).isEqualTo("/tmp/c");
    assertThat(read(WHOLE, "keep-models=true").models()).isEqualTo(Sweep.KeepModels.YES);
  }

  @Test
  void severalSettersInARowSeeEachOther() {
    assertThatThrownBy(() -> read(WHOLE, "ratios=[0.5]", "ratios.step=0.1"))
        .hasMessage(
            "--set ratios.step: ratios is a list, not an object; set it whole, as in"
                + " ratios=[...]");
  }

  @Test
  void keysOfTheRunHaveTheirUnitsAndDefaults() {
    Sweep plain = read(WHOLE);
    assertThat(plain.stores()).containsExactly("results/vehicles/store");
    assertThat(plain.execution()).isEqualTo(new Execution(0, 1, "cpu", BigDecimal.ZERO));
    assertThat(plain.limits())
        .isEqualTo(new Limits(Optional.empty(), 3, Limits.OnFailure.CONTINUE, 20));
    assertThat(plain.latency()).isEmpty();

    Sweep given =
        read(
            sweep(
                BASE,
                "ratios = [0.5], stores = [mine, /lab/store], gpus = 0.25, time-limit = 1.5 h",
                "retries = 0, fail-fast = yes, stop-after-same-failures = 7, latency {}"));
    assertThat(given.stores()).containsExactly("mine", "/lab/store");
    assertThat(given.store()).isEqualTo("mine");
    assertThat(given.execution()).isEqualTo(new Execution(0, 1, "gpu", new BigDecimal("0.25")));
    assertThat(given.limits())
        .isEqualTo(new Limits(Optional.of(Duration.ofMinutes(90)), 0, Limits.OnFailure.STOP, 7));
    assertThat(given.latency())
        .contains(
            new LatencyPhase(
                List.of(1, 32), List.of(LatencyRuntime.DJL), Duration.ofSeconds(20), 0.03));
    assertThat(read(WHOLE, "latency.runtimes=djl,onnxruntime").latency().orElseThrow().runtimes())
        .containsExactly(LatencyRuntime.DJL, LatencyRuntime.ONNX_RUNTIME);
    assertThat(read(WHOLE, "latency.batch-sizes=4,8", "time-limit=90").latency())
        .contains(
            new LatencyPhase(
                List.of(4, 8), List.of(LatencyRuntime.DJL), Duration.ofSeconds(20), 0.03));
  }
}
