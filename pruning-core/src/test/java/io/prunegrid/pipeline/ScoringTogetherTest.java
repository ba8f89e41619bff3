package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.PassKind;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.ScoringInput;
import io.prunegrid.criterion.ScoringPass;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.pipeline.SmallCells.MemoryArtifacts;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.ImageCounts;
import io.prunegrid.testing.SyntheticDataset;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scores that are made in one pass over the images are, byte by byte, those of one pass each. */
class ScoringTogetherTest {
  private static final int SAMPLES = 70;

  private static Engine engine;

  /** Has the base of all cells. */
  private static MemoryArtifacts trained;

  @BeforeAll
  static void open() {
    engine = Engine.open(ComputeDevice.CPU);
    trained = new MemoryArtifacts();
    SmallCells.runner(engine, trained).prepareBase(cell("apoz"));
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"small-cnn", "resnet20"})
  void aPassThatCriteriaShareGivesEachTheBytesOfItsOwn(String network) {
    assertSame(network);
  }

  @Tag("soak")
  @ParameterizedTest
  @ValueSource(strings = {"squeezenet1_1", "shufflenet_v2_x0_5", "mobilenet_v2", "densenet121"})
  void soItIsOnNetworksOfOtherKinds(String network) {
    assertSame(network);
  }

  private static void assertSame(String network) {
    NetworkSize published = Zoo.publishedSize(network);
    ModelGraph graph = Zoo.build(network, new NetworkSize(10, published.channels(), 32, 32));
    Model model = new Model(graph, Procedural.weights(graph));
    CoupledChannels channels = CoupledChannels.of(graph);
    Samples images = Samples.all(new SyntheticDataset(graph.input(), SAMPLES, 10, 3));
    Map<PassKind, List<ScoringPass.Work>> passes = new LinkedHashMap<>();
    for (Criterion criterion : Criteria.all()) {
      ScoringInput input =
          new ScoringInput(
              model,
              channels,
              criterion.resolve(Map.of()),
              Optional.of(images),
              Optional.of(engine),
              1);
      criterion
          .pass(input.parameters())
          .ifPresent(
              kind ->
                  passes
                      .computeIfAbsent(kind, key -> new ArrayList<>())
                      .add(new ScoringPass.Work(criterion, input)));
    }

    passes.values().removeIf(works -> works.size() == 1);
    assertThat(passes).hasSize(2);
    for (List<ScoringPass.Work> works : passes.values()) {
      ImageCounts.takeOfThread();
      List<Scores> together = ScoringPass.run(works);
      assertThat(ImageCounts.takeOfThread()).isEqualTo(new ImageCounts(0, SAMPLES, 0));
      for (int i = 0; i < works.size(); i++) {
        Criterion criterion = works.get(i).criterion();
        Scores alone = criterion.score(works.get(i).input());
        assertThat(ScoresCodec.INSTANCE.encode(together.get(i)))
            .as(criterion.name())
            .isEqualTo(ScoresCodec.INSTANCE.encode(alone));
      }
    }
  }

  private static CellConfig cell(String method, String... parameters) {
    Map<String, String> given = new LinkedHashMap<>();
    for (String parameter : parameters) {
      given.put(parameter.split("=", 2)[0], parameter.split("=", 2)[1]);
    }
    return SmallCells.cell(
        SmallCells.method(method, SAMPLES, given), 0.5, SelectionConfig.defaults(), 0);
  }

  private static CellKeys keys(CellConfig cell) {
    return CellKeys.of(cell, new Inputs().hashes(cell));
  }

  private static MemoryArtifacts store() {
    MemoryArtifacts store = new MemoryArtifacts();
    String key = keys(cell("apoz")).base();
    store.publish(key, trained.find(key).orElseThrow().bytes());
    return store;
  }

  private static void assertOnePass(CellConfig... cells) {
    for (CellConfig cell : cells) {
      assertThat(SharedPass.of(cell, keys(cell).base()))
          .isPresent()
          .isEqualTo(SharedPass.of(cells[0], keys(cells[0]).base()));
    }
    MemoryArtifacts store = store();
    MemoryArtifacts other = store();
    CellRunner runner = SmallCells.runner(engine, store);
    CellRunner others = SmallCells.runner(engine, other);
    ImageCounts.takeOfThread();

    assertThat(runner.prepareScores(List.of(cells))).isEmpty();
    long once = ImageCounts.takeOfThread().scored();
    for (CellConfig cell : cells) {
      others.prepareScores(cell);
      assertThat(ImageCounts.takeOfThread()).isEqualTo(new ImageCounts(0, once, 0));
      runner.prepareScores(cell);
      String key = keys(cell).score();
      assertThat(store.find(key).orElseThrow().bytes())
          .isEqualTo(other.find(key).orElseThrow().bytes());
      assertThat(store.find(key + "-seconds")).isPresent();
    }
    assertThat(ImageCounts.takeOfThread())
        .as("nothing is left to be made")
        .isEqualTo(ImageCounts.NONE);
    assertThat(once).isEqualTo(new Inputs().work(cells[0]).scoreImages());
  }

  @Test
  void scoresOfOnePassAreKeptUnderTheirKeysAsIfEachHadBeenMadeAlone() {
    assertOnePass(cell("activation"), cell("activation", "tap=layer"), cell("apoz"), cell("tvs"));
    assertOnePass(cell("taylor"), cell("taylor", "tap=norm"), cell("sensitivity"));
  }

  @Test
  void relevanceByTheSameRulesIsPropagatedOnceAndOcapStopsWhereItDoesAlone() {
    assertOnePass(cell("lrp"), cell("lrp", "amount=signed"));
    assertOnePass(cell("ocap", "images=first 66"), cell("ocap", "images=first 66", "slope=0.2"));
  }

  @Test
  void aReducedHeadAndAllImagesAreSharedToo() {
    SubsetConfig pair = new SubsetConfig("pair", List.of(9, 1));
    assertOnePass(
        SmallCells.on(pair, cell("activation", "head=subset")),
        SmallCells.on(pair, cell("apoz", "head=subset")));
    assertOnePass(SmallCells.on(pair, cell("taylor", "sees=all")), cell("sensitivity", "sees=all"));
  }

  @Test
  void passesDifferWhereWhatIsSeenOrComputedDoes() {
    SubsetConfig pair = new SubsetConfig("pair", List.of(9, 1));
    List<CellConfig> cells =
        List.of(
            cell("taylor"),
            cell("activation"),
            cell("group-hessian"),
            cell("lrp"),
            cell("lrp", "rule=epsilon"),
            cell("ocap", "images=first 66"),
            cell("taylor", "sees=all"),
            SmallCells.on(pair, cell("taylor")),
            SmallCells.on(pair, cell("taylor", "head=subset")));
    assertThat(cells.stream().map(cell -> SharedPass.of(cell, keys(cell).base())))
        .doesNotHaveDuplicates()
        .allMatch(Optional::isPresent);
    assertThat(SharedPass.of(cell("ln"), "base")).isEmpty();
    assertThat(SharedPass.of(cell("group-hessian", "images=last"), "base")).isEmpty();
  }

  @Test
  void aCriterionThatFindsNothingLeavesTheScoresOfTheOthers() {
    SubsetConfig one = new SubsetConfig("one", List.of(3));
    CellConfig apart = SmallCells.on(one, cell("tvs"));
    CellConfig sizes = SmallCells.on(one, cell("activation"));
    MemoryArtifacts store = store();

    Map<CellConfig, RuntimeException> failures =
        SmallCells.runner(engine, store).prepareScores(List.of(apart, sizes));

    assertThat(failures).containsOnlyKeys(apart);
    assertThat(failures.get(apart)).isInstanceOf(BadInput.class).hasMessageContaining("at least 2");
    assertThat(store.find(keys(apart).score())).isEmpty();
    assertThat(store.find(keys(sizes).score())).isPresent();
  }

  @Test
  void whatIsThereIsNotMadeAgain() {
    MemoryArtifacts store = store();
    CellRunner runner = SmallCells.runner(engine, store);
    runner.prepareScores(cell("apoz"));
    ImageCounts.takeOfThread();

    runner.prepareScores(List.of(cell("activation"), cell("apoz")));
    long first = ImageCounts.takeOfThread().scored();
    runner.prepareScores(List.of(cell("activation"), cell("apoz")));

    assertThat(first).isEqualTo(SAMPLES);
    assertThat(ImageCounts.takeOfThread()).isEqualTo(ImageCounts.NONE);
  }
}
