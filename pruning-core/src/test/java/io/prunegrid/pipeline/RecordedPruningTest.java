package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.LayerNumbers;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.MacConvention;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.Target;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Ranking;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.Scores.ClassScores;
import io.prunegrid.criterion.ScoringInput;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.TrainingMasks;
import io.prunegrid.testing.PruningOracle;
import io.prunegrid.testing.RecordedLogits;
import io.prunegrid.testing.RecordedMethods;
import io.prunegrid.testing.RecordedNetwork;
import io.prunegrid.testing.RecordedScores;
import io.prunegrid.testing.RecordedSelection;
import io.prunegrid.testing.Shared;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * From weights to logits, pruning does what Torch-Pruning recorded: scores, kept channels,
 * parameters, MACs and what the pruned network computes, for every recorded configuration.
 *
 * <p>Where recorded scores are nearer to each other than the reference's float arithmetic can tell,
 * either channel may go; each such exchange is printed, and the recorded choice is taken out to
 * compare what comes after.
 */
class RecordedPruningTest {
  private static final double NEAR = 1e-6;
  private static final double FPGM_NEAR = 1e-4;

  private static Engine engine;

  @BeforeAll
  static void open() {
    engine = Engine.open(ComputeDevice.CPU);
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet18", "resnet20_inner", "resnet20_inner_grad", "squeezenet1_1"})
  void smallNetworksArePrunedAsRecorded(String record) {
    compare(record);
  }

  @Tag("soak")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "alexnet",
        "convnext_tiny",
        "densenet121",
        "efficientnet_b0",
        "fcn_resnet50",
        "googlenet",
        "mobilenet_v2",
        "resnet50",
        "resnet56_inner",
        "retinanet_dense",
        "vgg16",
        "vgg16_bn",
        "vit_b_16"
      })
  void largeNetworksArePrunedAsRecorded(String record) {
    compare(record);
  }

  private static void compare(String record) {
    Comparison comparison = new Comparison(record);
    comparison.run();
    System.out.println(record + ": " + comparison.figures());
    comparison.exchanged.forEach(line -> System.out.println(record + ": " + line));
  }

  /** All that is recorded of one network. */
  private static final class Comparison {
    private final RecordedNetwork network;
    private final PruningOracle oracle;
    private final Model model;
    private final CoupledChannels channels;
    private final Optional<Samples> images;
    private final double tolerance;
    private final Map<String, Scores> found = new HashMap<>();
    final List<String> exchanged = new ArrayList<>();

    /**
     * Where channels of groups are rounded otherwise; recorded logits are not those of the masks.
     */
    private final Set<String> ownRounding = new HashSet<>();

    private long scores;
    private int selections;
    private int logits;

    Comparison(String record) {
      network = new RecordedNetwork(record);
      oracle = PruningOracle.read(record);
      model = network.model();
      channels = CoupledChannels.of(model.graph());
      images = record.endsWith("_grad") ? Optional.of(firstImages()) : Optional.empty();
      tolerance = record.startsWith("resnet20") || record.startsWith("resnet56") ? 1e-4 : 1e-3;
    }

    private static Samples firstImages() {
      return Samples.all(Datasets.open("cifar10:" + Shared.require("data/cifar10-jpeg")).test())
          .first(64);
    }

    String figures() {
      return scores
          + " scores, "
          + selections
          + " configurations with kept channels, parameters and MACs, "
          + logits
          + " outputs, "
          + exchanged.size()
          + " exchanges of near ties";
    }

    void run() {
      for (String importance : oracle.importances()) {
        compareScores(importance);
      }
      List<PruningOracle.Configuration> configurations = oracle.configurations();
      assertThat(configurations).isNotEmpty();
      configurations.forEach(this::compare);
    }

    private Scores scores(String importance) {
      return found.computeIfAbsent(
          importance, name -> score(RecordedMethods.of(name), model, channels));
    }

    private Scores score(MethodConfig method, Model scored, CoupledChannels own) {
      return Criteria.named(method.name())
          .score(
              new ScoringInput(scored, own, method.parameters(), images, Optional.of(engine), 0));
    }

    private void compareScores(String importance) {
      MethodConfig method = RecordedMethods.of(importance);
      Criterion criterion = Criteria.named(method.name());
      Ranking ranking =
          new Ranking(channels, network.selection(Scope.LOCAL, 1), method.parameters(), 0);
      double[] ranked = criterion.classScores(scores(importance), ranking);
      double[] plain = ((ClassScores) scores(importance)).toArray();
      scores +=
          RecordedScores.assertSame(channels, ranked, plain, oracle.scores(importance), importance);
    }

    private void compare(PruningOracle.Configuration recorded) {
      Model pruned = recorded.steps() == 1 ? inOneStep(recorded) : inSteps(recorded);
      String what = recorded.toString();
      assertThat(pruned.parameterCount()).as(what).isEqualTo(recorded.parameters());
      assertThat(MacConvention.TORCH_PRUNING.total(pruned.graph()))
          .as(what)
          .isEqualTo(recorded.torchPruningMacs());
      if (!ownRounding.contains(what)) {
        logits += RecordedLogits.assertSame(what, engine, pruned, recorded, tolerance);
      }
      selections++;
    }

    private Model inOneStep(PruningOracle.Configuration recorded) {
      SelectionConfig config = network.selection(recorded);
      BitSet theirs = RecordedSelection.removed(channels, recorded, config);
      Pruner.Outcome outcome = prune(recorded, config);
      if (outcome.layers().equals(Removal.kept(channels, theirs))) {
        return outcome.model();
      }
      if (recorded.roundTo() == 1) {
        BitSet ours = RecordedSelection.removed(channels, outcome.layers(), config);
        exchanged.addAll(exchanges(recorded, "", ours, theirs, near(recorded)));
      } else {
        exchangesBeforeRounding(recorded, theirs);
      }
      return Removal.remove(model, channels, theirs).model();
    }

    private Pruner.Outcome prune(PruningOracle.Configuration recorded, SelectionConfig config) {
      MethodConfig method = RecordedMethods.of(recorded.importance());
      return Pruner.prune(
          model, channels, method, scores(recorded.importance()), recorded.ratio(), config);
    }

    /**
     * One exchange between bundles may round both to other numbers: recorded scores lead to the
     * recorded selection, and scores found here to the same but for near ties before it is rounded.
     */
    private void exchangesBeforeRounding(PruningOracle.Configuration recorded, BitSet theirs) {
      double[] values = new double[channels.classes().size()];
      Arrays.fill(values, Double.NaN);
      recordedScores(recorded).forEach((id, score) -> values[id] = score);
      SelectionConfig rounded = network.selection(recorded);
      SelectionConfig whole = network.selection(rounded.scope(), 1);
      double ratio = recorded.ratio();
      BitSet grouped = RecordedSelection.grouped(channels);
      BitSet again = Selection.select(channels, values, ratio, rounded).removed();
      exchanged.addAll(
          exchanges(
              recorded,
              "",
              RecordedSelection.without(again, grouped),
              RecordedSelection.without(theirs, grouped),
              NEAR));
      if (again.intersects(grouped) && !again.equals(theirs)) {
        ownRounding.add(recorded.toString());
        exchanged.add(recorded + ": the reference rounds channels of groups its own way");
      }
      exchanged.addAll(
          exchanges(
              recorded,
              " before rounding",
              RecordedSelection.removed(channels, prune(recorded, whole).layers(), whole),
              Selection.select(channels, values, ratio, whole).removed(),
              near(recorded)));
    }

    private List<String> exchanges(
        PruningOracle.Configuration recorded,
        String when,
        BitSet ours,
        BitSet theirs,
        double near) {
      return RecordedSelection.exchanges(
          recorded + when, channels, recordedScores(recorded), ours, theirs, near);
    }

    private Map<Integer, Double> recordedScores(PruningOracle.Configuration recorded) {
      return RecordedScores.byClass(channels, oracle.scores(recorded.importance()));
    }

    private static double near(PruningOracle.Configuration recorded) {
      return recorded.importance().equals("fpgm") ? FPGM_NEAR : NEAR;
    }

    private Model inSteps(PruningOracle.Configuration recorded) {
      MethodConfig method = RecordedMethods.of(recorded.importance());
      Pruner.Outcome outcome =
          new Stepwise(
                  method,
                  recorded.ratio(),
                  network.selection(recorded).with(steps(recorded.steps())),
                  new Stepwise.Steps() {
                    @Override
                    public Scores score(Model now, CoupledChannels left) {
                      return Comparison.this.score(method, now, left);
                    }

                    @Override
                    public double accuracy(Model now) {
                      throw new AssertionError("nothing is evaluated");
                    }

                    @Override
                    public Model retrain(Model now, TrainingMasks masks) {
                      throw new AssertionError("nothing is trained");
                    }
                  })
              .prune(model, channels, scores(recorded.importance()));
      RecordedSelection.assertSame(recorded.toString(), outcome.layers(), recorded);
      return outcome.model();
    }

    private static Limits steps(int steps) {
      return new Limits(
          LayerNumbers.NONE,
          LayerNumbers.NONE,
          0,
          Limits.Counted.ALL,
          List.of(),
          Target.NONE,
          steps,
          Limits.Between.NOTHING,
          Limits.ALL_LAYERS);
    }
  }
}
