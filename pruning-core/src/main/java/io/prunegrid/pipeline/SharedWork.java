package io.prunegrid.pipeline;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Need;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.Sight;
import io.prunegrid.data.DataSource;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Weights;
import io.prunegrid.measure.Evaluation;
import io.prunegrid.measure.Evaluator;
import io.prunegrid.runtime.Engine;
import io.prunegrid.train.Trainer;
import io.prunegrid.zoo.Initialization;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What cells have in common, computed once: bases, the accuracy of unpruned networks, scores.
 * Trained bases, evaluations and scores that need images are kept as artifacts; weights that were
 * given and scores read off them are cheaper to make again.
 */
public final class SharedWork {
  private static final int BASES_IN_MEMORY = 8;
  private static final int SCORES_IN_MEMORY = 64;
  private static final int EVALUATIONS_IN_MEMORY = 1024;

  private final Engine engine;
  private final Inputs inputs;
  private final Artifacts artifacts;
  private final SingleFlight<LoadedModel> bases = new SingleFlight<>(BASES_IN_MEMORY);
  private final SingleFlight<Scores> scores = new SingleFlight<>(SCORES_IN_MEMORY);
  private final SingleFlight<Evaluation> evaluations = new SingleFlight<>(EVALUATIONS_IN_MEMORY);

  public SharedWork(Engine engine, Inputs inputs, Artifacts artifacts) {
    this.engine = engine;
    this.inputs = inputs;
    this.artifacts = artifacts;
  }

  /** The cell's unpruned network: loaded, or trained on all of the training data. */
  Shared<LoadedModel> base(CellConfig cell, CellKeys keys) {
    return bases.of(
        keys.base(),
        () -> {
          Stopwatch watch = new Stopwatch();
          if (!Inputs.isTrained(cell)) {
            LoadedModel base = inputs.load(cell);
            return new Shared<>(base, base.model().weights().contentHash(), watch.seconds(), false);
          }
          ModelGraph graph = inputs.graph(cell);
          Shared<Weights> weights =
              kept(keys.base(), WeightsCodec.INSTANCE, () -> train(cell, graph));
          LoadedModel base = inputs.trained(cell, new Model(graph, weights.value()));
          return new Shared<>(base, weights.contentHash(), weights.seconds(), weights.reused());
        });
  }

  /** Accuracy of the unpruned network with the cell's head on the subset's test images. */
  Shared<Evaluation> evaluation(CellConfig cell, CellKeys keys, SubsetView subset) {
    return evaluations.of(
        keys.evaluation(),
        () ->
            kept(
                keys.evaluation(),
                EvaluationCodec.INSTANCE,
                () -> {
                  Model model =
                      subset.apply(subset.base().model(), SeedStream.HEAD.under(cell.seed()));
                  return Evaluator.evaluate(
                      engine, model, subset.forHead(inputs.data(cell).test()));
                }));
  }

  /** The criterion's statistics on the base and the subset's training images. */
  Shared<Scores> scores(
      CellConfig cell, CellKeys keys, SubsetView subset, CoupledChannels channels) {
    Criterion criterion = Criteria.named(cell.method().name());
    Supplier<Scores> compute = () -> score(cell, subset, channels);
    return scores.of(
        keys.score(),
        () -> {
          if (criterion.needs().contains(Need.SAMPLES)) {
            return kept(keys.score(), ScoresCodec.INSTANCE, compute);
          }
          Stopwatch watch = new Stopwatch();
          Scores computed = compute.get();
          return new Shared<>(
              computed, ScoresCodec.INSTANCE.hash(computed), watch.seconds(), false);
        });
  }

  /**
   * Makes the scores of several cells in one pass over the images, and keeps them; those that are
   * there, or that somebody is making, are left out.
   *
   * @param cells by the key of their scores; their passes agree as {@link SharedPass} says
   * @param subset that of one of them
   * @return by key, why a criterion found no scores though others did
   */
  Map<String, RuntimeException> scoreTogether(
      Map<String, CellConfig> cells, SubsetView subset, CoupledChannels channels) {
    Map<String, RuntimeException> failures = new LinkedHashMap<>();
    artifacts.whileMissing(
        List.copyOf(cells.keySet()),
        missing -> {
          Stopwatch watch = new Stopwatch();
          ScoringView view = view(cells.get(missing.get(0)), subset, channels);
          Samples images = seen(cells.get(missing.get(0)), view);
          List<Supplier<Scores>> found =
              view.look(
                  missing.stream().map(key -> viewer(cells.get(key))).toList(), images, engine);
          double share = watch.split() / missing.size();
          for (int i = 0; i < missing.size(); i++) {
            byte[] bytes;
            try {
              bytes = ScoresCodec.INSTANCE.encode(found.get(i).get());
            } catch (RuntimeException e) {
              failures.put(missing.get(i), e);
              continue;
            }
            artifacts.publish(missing.get(i), bytes);
            publishSeconds(missing.get(i), share + watch.split());
          }
        });
    return failures;
  }

  private static ScoringView.Viewer viewer(CellConfig cell) {
    return new ScoringView.Viewer(
        Criteria.named(cell.method().name()), cell.method().parameters(), cell.seed());
  }

  /** Scores that nobody shares. */
  Scores score(CellConfig cell, SubsetView subset, CoupledChannels channels) {
    Criterion criterion = Criteria.named(cell.method().name());
    ScoringView view = view(cell, subset, channels);
    Optional<Samples> images =
        criterion.needs().contains(Need.SAMPLES) ? Optional.of(seen(cell, view)) : Optional.empty();
    return view.score(
        criterion, cell.method().parameters(), images, Optional.of(engine), cell.seed());
  }

  /** The share of the images that the cell's method sees which a network classifies rightly. */
  double accuracy(CellConfig cell, SubsetView subset) {
    ScoringView view = view(cell, subset, cell.selection().channels(subset.base().model().graph()));
    return view.accuracy(engine, seen(cell, view));
  }

  private static ScoringView view(CellConfig cell, SubsetView subset, CoupledChannels channels) {
    return new ScoringView(
        subset.base(), channels, subset.classes(), Sight.of(cell.method().parameters()));
  }

  private Samples seen(CellConfig cell, ScoringView view) {
    MethodConfig method = cell.method();
    Samples seen = view.images(inputs.data(cell).train());
    if (method.samplesPerClass() > 0) {
      seen = seen.firstPerClass(method.samplesPerClass());
    }
    return method.samples() > 0 ? seen.first(method.samples()) : seen;
  }

  private Weights train(CellConfig cell, ModelGraph graph) {
    DataSource data = inputs.data(cell);
    long seed = SeedStream.BASE.under(cell.seed());
    Model initial = new Model(graph, Initialization.weights(graph, seed));
    Samples images = Samples.all(data.train());
    return Trainer.train(engine, initial, images, cell.training(), Map.of(), seed, Trainer.SILENT)
        .model()
        .weights();
  }

  /** Finds an artifact or computes and publishes it; the seconds that it took stand beside it. */
  private <T> Shared<T> kept(String key, Codec<T> codec, Supplier<T> compute) {
    double[] took = {0};
    Artifacts.Obtained obtained =
        artifacts.obtain(
            key,
            () -> {
              Stopwatch watch = new Stopwatch();
              byte[] bytes = codec.encode(compute.get());
              took[0] = watch.seconds();
              return bytes;
            });
    if (obtained.isFound()) {
      took[0] =
          artifacts
              .find(secondsKey(key))
              .map(a -> Double.parseDouble(new String(a.bytes(), StandardCharsets.US_ASCII)))
              .orElse(0.0);
    } else {
      publishSeconds(key, took[0]);
    }
    return new Shared<>(
        codec.decode(obtained.artifact().bytes()),
        obtained.artifact().contentHash(),
        took[0],
        obtained.isFound());
  }

  private void publishSeconds(String key, double seconds) {
    artifacts.publish(
        secondsKey(key), Double.toString(seconds).getBytes(StandardCharsets.US_ASCII));
  }

  private static String secondsKey(String key) {
    return key + "-seconds";
  }
}
