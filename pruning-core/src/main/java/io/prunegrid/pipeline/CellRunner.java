package io.prunegrid.pipeline;

import io.prunegrid.channel.Counts;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Heads;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.criterion.Scores;
import io.prunegrid.data.Samples;
import io.prunegrid.format.MaskedWeights;
import io.prunegrid.format.Safetensors;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Tensor;
import io.prunegrid.measure.Evaluation;
import io.prunegrid.measure.Evaluator;
import io.prunegrid.runtime.BackwardMasks;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.TrainingMasks;
import io.prunegrid.train.Trainer;
import io.prunegrid.train.TrainingResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Runs one cell from start to finish: base, accuracy of the unpruned network, scores, selection and
 * removal, head, accuracy, retraining, accuracy. A pure function of the configuration, the inputs'
 * content and the seed.
 */
public final class CellRunner {
  private final Engine engine;
  private final Inputs inputs;
  private final SharedWork shared;

  public CellRunner(Engine engine, Inputs inputs, SharedWork shared) {
    this.engine = engine;
    this.inputs = inputs;
    this.shared = shared;
  }

  /**
   * A finished cell with its network.
   *
   * @param network the zoo name it began as
   * @param headClasses original class of each output
   * @param masked which weights are masked, and what they were before retraining
   */
  public record Finished(
      CellResult result,
      Model model,
      String network,
      List<Integer> headClasses,
      Optional<MaskedWeights> masked) {}

  /** Trains or loads the cell's base, so that cells that share it find it. */
  public void prepareBase(CellConfig cell) {
    shared.base(cell, CellKeys.of(cell, inputs.hashes(cell)));
  }

  /** Evaluates the cell's unpruned network. */
  public void prepareEvaluation(CellConfig cell) {
    CellKeys keys = CellKeys.of(cell, inputs.hashes(cell));
    LoadedModel base = shared.base(cell, keys).value();
    shared.evaluation(cell, keys, view(cell, base));
  }

  /** Computes the cell's scores. */
  public void prepareScores(CellConfig cell) {
    CellKeys keys = CellKeys.of(cell, inputs.hashes(cell));
    LoadedModel base = shared.base(cell, keys).value();
    shared.scores(cell, keys, view(cell, base), cell.selection().channels(base.model().graph()));
  }

  /**
   * Computes the scores of several cells in one pass over the images, but for those that are there
   * or that somebody else is computing.
   *
   * @param cells at least one, all of one {@link SharedPass}
   * @return by cell, why a criterion found no scores though others did; its scores are still
   *     missing
   */
  public Map<CellConfig, RuntimeException> prepareScores(List<CellConfig> cells) {
    CellConfig first = cells.get(0);
    CellKeys keys = CellKeys.of(first, inputs.hashes(first));
    LoadedModel base = shared.base(first, keys).value();
    Map<String, CellConfig> byKey = new LinkedHashMap<>();
    cells.forEach(cell -> byKey.put(CellKeys.of(cell, inputs.hashes(cell)).score(), cell));
    Map<CellConfig, RuntimeException> failures = new LinkedHashMap<>();
    shared
        .scoreTogether(byKey, view(first, base), CoupledChannels.of(base.model().graph()))
        .forEach((key, failure) -> failures.put(byKey.get(key), failure));
    return failures;
  }

  /**
   * What a cell's network looks like before and after removal, with the cell's head.
   *
   * @param base the unpruned network
   * @param pruned what is left of it
   */
  public record Structures(ModelGraph base, ModelGraph pruned) {
    /** What a row calls the unpruned network's structure. */
    public String baseHash() {
      return Inputs.structure(base);
    }

    /** What a row calls the other network's structure. */
    public String prunedHash() {
      return Inputs.structure(pruned);
    }
  }

  /**
   * The structures of the cell's networks: base and scores as they are in the store, or made again
   * where they are not; nothing is evaluated.
   *
   * @throws io.prunegrid.common.BadInput where the inputs cannot be used
   */
  public Structures structures(CellConfig cell) {
    CellKeys keys = CellKeys.of(cell, inputs.hashes(cell));
    LoadedModel base = shared.base(cell, keys).value();
    SubsetView subset = view(cell, base);
    CoupledChannels channels = cell.selection().channels(base.model().graph());
    Optional<Scores> scores = scores(cell, keys, subset, channels).map(Shared::value);
    long headSeed = SeedStream.HEAD.under(cell.seed());
    return new Structures(
        subset.apply(base.model(), headSeed).graph(),
        subset.apply(prune(cell, subset, channels, scores).model(), headSeed).graph());
  }

  /** Nothing is selected at a ratio of 0, so that nothing need be scored. */
  private Optional<Shared<Scores>> scores(
      CellConfig cell, CellKeys keys, SubsetView subset, CoupledChannels channels) {
    return cell.ratio() == 0
        ? Optional.empty()
        : Optional.of(shared.scores(cell, keys, subset, channels));
  }

  private Pruner.Outcome prune(
      CellConfig cell, SubsetView subset, CoupledChannels channels, Optional<Scores> scores) {
    Model unpruned = subset.base().model();
    return scores
        .map(
            found ->
                new Stepwise(
                        cell.method(), cell.ratio(), cell.selection(), new Between(cell, subset))
                    .prune(unpruned, channels, found))
        .orElseGet(() -> Pruner.nothing(unpruned, channels, cell.method(), cell.selection()));
  }

  /** Scores and trains networks that are partly pruned. */
  private final class Between implements Stepwise.Steps {
    private final CellConfig cell;
    private final SubsetView subset;

    Between(CellConfig cell, SubsetView subset) {
      this.cell = cell;
      this.subset = subset;
    }

    @Override
    public Scores score(Model model, CoupledChannels channels) {
      return shared.score(cell, subset.with(model), channels);
    }

    @Override
    public double accuracy(Model model) {
      return shared.accuracy(cell, subset.with(model));
    }

    @Override
    public Model retrain(Model model, TrainingMasks masks) {
      return Trainer.train(
              engine,
              model,
              subset.forScoring(inputs.data(cell).train()),
              cell.retrain(),
              masks,
              SeedStream.RETRAIN.under(cell.seed()),
              Trainer.SILENT)
          .model();
    }
  }

  private SubsetView view(CellConfig cell, LoadedModel base) {
    return SubsetView.of(cell, base, inputs.data(cell).classNames().size());
  }

  /**
   * Runs the cell.
   *
   * @throws io.prunegrid.common.BadInput where the inputs cannot be used
   */
  public Finished run(CellConfig cell) {
    Stopwatch watch = new Stopwatch();
    InputHashes hashes = inputs.hashes(cell);
    CellKeys keys = CellKeys.of(cell, hashes);
    long headSeed = SeedStream.HEAD.under(cell.seed());

    Shared<LoadedModel> base = shared.base(cell, keys);
    Model unpruned = base.value().model();
    SubsetView subset = view(cell, base.value());
    double baseSeconds = watch.split();
    Shared<Evaluation> baseEvaluation = shared.evaluation(cell, keys, subset);
    double evaluateBaseSeconds = watch.split();
    CoupledChannels channels = cell.selection().channels(unpruned.graph());
    Optional<Shared<Scores>> scores = scores(cell, keys, subset, channels);
    double scoreSeconds = watch.split();

    Pruner.Outcome outcome = prune(cell, subset, channels, scores.map(Shared::value));
    Model pruned = subset.apply(outcome.model(), headSeed);
    BackwardMasks backward = outcome.backward();
    TrainingMasks masks =
        new TrainingMasks(
            masksUnderHead(outcome.masks(), unpruned, pruned, subset),
            new BackwardMasks(
                masksUnderHead(backward.masks(), unpruned, pruned, subset), backward.chance()));
    NetworkFigures before = figures(subset.apply(unpruned, headSeed));
    NetworkFigures removedTo = figures(pruned);
    NetworkFigures after = removedTo;
    double removeSeconds = watch.split();

    Samples test = subset.forHead(inputs.data(cell).test());
    Evaluation prunedEvaluation =
        cell.ratio() == 0 ? baseEvaluation.value() : Evaluator.evaluate(engine, pruned, test);
    double evaluatePrunedSeconds = watch.split();

    Model last = pruned;
    Optional<Evaluation> retrainedEvaluation = Optional.empty();
    OptionalInt bestEpoch = OptionalInt.empty();
    OptionalLong retrainImages = OptionalLong.empty();
    double retrainSeconds = 0;
    double evaluateRetrainedSeconds = 0;
    if (cell.retrain().epochs() > 0) {
      TrainingResult retrained =
          Trainer.train(
              engine,
              pruned,
              subset.forHead(inputs.data(cell).train()),
              cell.retrain(),
              masks,
              SeedStream.RETRAIN.under(cell.seed()),
              Trainer.SILENT);
      last = retrained.model();
      bestEpoch = OptionalInt.of(retrained.bestEpoch());
      retrainImages = OptionalLong.of(retrained.imagesSeen());
      retrainSeconds = watch.split();
      retrainedEvaluation = Optional.of(Evaluator.evaluate(engine, last, test));
      evaluateRetrainedSeconds = watch.split();
      after = figures(last);
    }
    StepSeconds seconds =
        new StepSeconds(
            baseSeconds,
            evaluateBaseSeconds,
            scoreSeconds,
            removeSeconds,
            evaluatePrunedSeconds,
            retrainSeconds,
            evaluateRetrainedSeconds,
            watch.seconds(),
            base.seconds() + baseEvaluation.seconds() + scores.map(Shared::seconds).orElse(0.0));
    CellResult result =
        new CellResult(
            keys,
            hashes,
            base.contentHash(),
            scores.map(Shared::contentHash),
            outcome.effect(),
            baseEvaluation.value(),
            prunedEvaluation,
            retrainedEvaluation,
            before,
            removedTo,
            after,
            outcome.prunable(),
            outcome.removed(),
            channelsKept(outcome.layers(), pruned, subset),
            bestEpoch,
            retrainImages,
            base.reused(),
            scores.map(Shared::reused).orElse(false),
            seconds);
    Optional<MaskedWeights> masked =
        masks.weights().isEmpty()
            ? Optional.empty()
            : Optional.of(MaskedWeights.of(subset.apply(unpruned, headSeed), masks.weights()));
    return new Finished(result, last, base.value().network(), subset.outputs(), masked);
  }

  /** Masks of the head's parameters follow its rows; a new head has none. */
  private static Map<String, Tensor> masksUnderHead(
      Map<String, Tensor> masks, Model unpruned, Model pruned, SubsetView subset) {
    if (subset.head() == Head.FULL || masks.isEmpty()) {
      return masks;
    }
    Map<String, Tensor> reduced = new LinkedHashMap<>(masks);
    int[] rows = subset.rows().stream().mapToInt(Integer::intValue).toArray();
    for (String name : Heads.parameters(unpruned.graph())) {
      if (subset.head() == Head.NEW) {
        reduced.remove(name);
      } else if (reduced.containsKey(name)) {
        reduced.put(name, reduced.get(name).select(0, rows));
      }
    }
    reduced.keySet().retainAll(pruned.weights().names());
    return reduced;
  }

  private static Map<String, Integer> channelsKept(
      Map<String, LayerKept> layers, Model pruned, SubsetView subset) {
    Map<String, Integer> kept = new LinkedHashMap<>();
    layers.forEach((layer, left) -> kept.put(layer, left.out().count()));
    if (subset.head() != Head.FULL) {
      kept.replace(Heads.layer(pruned.graph()).module(), subset.classes().size());
    }
    return kept;
  }

  private static NetworkFigures figures(Model model) {
    Counts all = Counts.of(model.graph());
    Counts nonzero = Counts.nonzero(model);
    return new NetworkFigures(
        Inputs.structure(model.graph()),
        all.parameters(),
        nonzero.parameters(),
        all.macs(),
        nonzero.macs(),
        Safetensors.size(model.weights()));
  }
}
