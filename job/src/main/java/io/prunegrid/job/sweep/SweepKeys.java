package io.prunegrid.job.sweep;

import io.prunegrid.channel.AttentionUnit;
import io.prunegrid.channel.LayerNumbers;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.Target;
import io.prunegrid.pipeline.Head;
import io.prunegrid.train.TrainingConfig;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every key a sweep file knows, with its default beside it. The reader, the messages and the
 * reference page all go by these lists.
 */
final class SweepKeys {
  private static final SelectionConfig SELECTION_DEFAULTS = SelectionConfig.defaults();
  private static final TrainingConfig TRAINING_DEFAULTS = TrainingConfig.defaults();

  static final Key<String> NAME =
      Key.required(
          "name",
          Kind.text(
              "letters, digits, '.', '_' and '-', a letter or digit first",
              Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")),
          "what the sweep is called in its rows; the file's name without its ending where left"
              + " out");
  static final Key<String> DATA =
      Key.required(
          "data",
          Kind.text(),
          "images: `fashion`, `cifar10:FOLDER` or `fashion-mnist:FOLDER`, or a preset; folders are"
              + " relative to the working directory");
  static final Key<Head> HEAD =
      Key.of(
          "head",
          Kind.oneOf(Head.class),
          Head.SUBSET,
          "what becomes of the classifier: reduced to the subset's classes, left whole, or new");

  static final Key<SelectionConfig.Scope> SCOPE =
      selection(
          "scope",
          Kind.oneOf(SelectionConfig.Scope.class),
          SelectionConfig::scope,
          "the ratio holds for each bundle of coupled channels, or for all together");
  static final Key<SelectionConfig.Rounding> ROUNDING =
      selection(
          "rounding",
          Kind.oneOf(SelectionConfig.Rounding.class),
          SelectionConfig::rounding,
          "how many of n a ratio removes");
  static final Key<SelectionConfig.OnEmpty> ON_EMPTY =
      selection(
          "on-empty",
          Kind.oneOf(SelectionConfig.OnEmpty.class),
          SelectionConfig::onEmpty,
          "what happens where a layer would be left without channels");
  static final Key<Integer> MIN_CHANNELS =
      selection(
          "min-channels",
          Kind.wholeNumber(1),
          SelectionConfig::minChannels,
          "channels that `keep-best` leaves");
  static final Key<Integer> ROUND_TO =
      selection(
          "round-to",
          Kind.wholeNumber(1),
          SelectionConfig::roundTo,
          "remaining channels of a layer that loses any are a multiple of this");
  static final Key<List<String>> IGNORE =
      selection(
          "ignore",
          Kind.texts("a list of globs over layer names"),
          SelectionConfig::ignore,
          "layers whose outputs are not pruned and in no count; `*` also stands for dots");
  static final Key<List<String>> PROTECT =
      selection(
          "protect",
          Kind.texts("a list of globs over layer names"),
          SelectionConfig::protect,
          "layers whose outputs are ranked with the others but never removed");
  static final Key<SelectionConfig.Ties> TIES =
      selection(
          "ties",
          Kind.oneOf(SelectionConfig.Ties.class),
          SelectionConfig::ties,
          "masks: exactly k weights, or every weight not above the k-th smallest");
  static final Key<SelectionConfig.Apply> APPLY =
      selection(
          "apply",
          Kind.oneOf(SelectionConfig.Apply.class),
          SelectionConfig::apply,
          "take the channels out, or zero them in place");
  static final Key<LayerNumbers> LAYER_RATIOS =
      limit(
          "layer-ratios",
          Kind.layerNumbers(1),
          Limits::ratios,
          "in place of the ratio, by globs over layer names, of which the first that matches"
              + " counts, a layer or any of those that share its channels; scope local");
  static final Key<LayerNumbers> LAYER_CAPS =
      limit(
          "layer-caps",
          Kind.layerNumbers(Math.nextUp(1.0)),
          Limits::caps,
          "the largest share of its channels that a layer may lose, in all steps and with round-to,"
              + " by globs over layer names");
  static final Key<Integer> SKIP_FIRST =
      limit(
          "skip-first",
          Kind.wholeNumber(0),
          Limits::skipFirst,
          "so many of the network's first layers are protected");
  static final Key<Limits.Counted> LAYERS =
      limit(
          "layers",
          Kind.oneOf(Limits.Counted.class),
          Limits::layers,
          "which layers `skip-first` counts");
  static final Key<List<String>> ZERO_PARTS =
      limit(
          "zero-parts",
          Kind.texts("a list of weight, bias, norm", List.of("weight", "bias", "norm")),
          limits -> limits.zeroParts().stream().map(String::valueOf).toList(),
          "what `apply = zero` zeroes of a channel's own tensors; all that taking it out would take"
              + " where the list is empty");
  static final Key<Target> TARGET =
      limit(
          "target",
          Kind.target(),
          Limits::target,
          "what the network must come down to, in place of the ratio: the largest that does is"
              + " found");
  static final Key<Integer> STEPS =
      limit(
          "steps",
          Kind.wholeNumber(1),
          Limits::steps,
          "in how many equal steps the ratio is reached, scores taken anew for each; at most as"
              + " many as there are channels or weights that can go");
  static final Key<Limits.Between> BETWEEN =
      limit(
          "between",
          Kind.oneOf(Limits.Between.class),
          Limits::between,
          "what happens between two steps");
  static final Key<String> LAYER =
      limit(
          "layer",
          Kind.text(
              "all, or a glob over layer names; of a grid also a list of them, or each",
              Pattern.compile(".*\\S.*")),
          Limits::layer,
          "the layers that are pruned, all others left as they are. A grid runs once for each glob"
              + " of a list, and with `each` once for each layer that its methods can prune");
  static final Key<AttentionUnit> ATTENTION =
      limit(
          "attention",
          Kind.oneOf(AttentionUnit.class),
          Limits::attention,
          "what goes of attention at once: the same positions of every head, or whole heads;"
              + " networks without attention are pruned the same under both");
  static final Key<Integer> SAMPLES =
      Key.of(
          "samples",
          Kind.wholeNumber(0),
          0,
          "score on the first so many training images of the subset; 0 for all");
  static final Key<Integer> SAMPLES_PER_CLASS =
      Key.of(
          "samples-per-class",
          Kind.wholeNumber(0),
          0,
          "score on the first so many training images of each class; 0 for no such limit");

  static final Key<Integer> EPOCHS =
      training(
          "epochs",
          Kind.wholeNumber(0),
          TrainingConfig::epochs,
          "passes over the training images; must be given under `train` where a model has no"
              + " weights");
  static final Key<TrainingConfig.Optimizer> OPTIMIZER =
      training(
          "optimizer",
          Kind.oneOf(TrainingConfig.Optimizer.class),
          TrainingConfig::optimizer,
          "the update rule, as torch defines it");
  static final Key<BigDecimal> LEARNING_RATE =
      decimal(
          "lr", "a number above 0", Interval.ABOVE_ZERO, TRAINING_DEFAULTS.lr(), "learning rate");
  static final Key<BigDecimal> MOMENTUM =
      decimal(
          "momentum",
          "a number in [0, 1)",
          Interval.SHARE,
          TRAINING_DEFAULTS.momentum(),
          "momentum of SGD");
  static final Key<BigDecimal> WEIGHT_DECAY =
      decimal(
          "weight-decay",
          "a number of at least 0",
          Interval.FROM_ZERO,
          TRAINING_DEFAULTS.weightDecay(),
          "coupled for SGD, decoupled for AdamW");
  static final Key<Integer> BATCH =
      training("batch", Kind.wholeNumber(1), TrainingConfig::batch, "images a step");
  static final Key<TrainingConfig.Schedule> SCHEDULE =
      training(
          "schedule",
          Kind.oneOf(TrainingConfig.Schedule.class),
          TrainingConfig::schedule,
          "how the learning rate changes from epoch to epoch");
  static final Key<Integer> STEP_EPOCHS =
      training(
          "step-epochs",
          Kind.wholeNumber(1),
          TrainingConfig::stepEpochs,
          "epochs between two reductions of the `step` schedule");
  static final Key<BigDecimal> GAMMA =
      decimal(
          "gamma",
          "a number above 0",
          Interval.ABOVE_ZERO,
          TRAINING_DEFAULTS.gamma(),
          "factor of a reduction of the `step` schedule");
  static final Key<Boolean> FLIP =
      training(
          "flip",
          Kind.flag(),
          TrainingConfig::flip,
          "mirror images left to right with probability 1/2");
  static final Key<Integer> CROP =
      training(
          "crop",
          Kind.wholeNumber(0),
          TrainingConfig::crop,
          "pixels of zero padding from which a window of the image's size is cut at random");
  static final Key<BigDecimal> VALIDATION =
      decimal(
          "validation",
          "a number in [0, 1)",
          Interval.SHARE,
          TRAINING_DEFAULTS.validation(),
          "share of the training images held out for early stopping, stratified by class");
  static final Key<Integer> PATIENCE =
      training(
          "patience",
          Kind.wholeNumber(0),
          TrainingConfig::patience,
          "epochs without a better validation accuracy after which training stops; 0 for never");
  static final Key<Integer> TRAINING_SAMPLES =
      training(
          "samples",
          Kind.wholeNumber(0),
          TrainingConfig::samples,
          "train on the first so many images; 0 for all");

  static final String MODELS = "models";
  static final String SUBSETS = "subsets";
  static final String METHODS = "methods";
  static final String RATIOS = "ratios";
  static final String SEEDS = "seeds";
  static final String TRAIN = "train";
  static final String RETRAIN = "retrain";
  static final String GRIDS = "grids";

  static final List<Key<?>> SELECTION =
      List.of(
          SCOPE,
          ROUNDING,
          ON_EMPTY,
          MIN_CHANNELS,
          ROUND_TO,
          IGNORE,
          PROTECT,
          TIES,
          APPLY,
          LAYER_RATIOS,
          LAYER_CAPS,
          SKIP_FIRST,
          LAYERS,
          ZERO_PARTS,
          TARGET,
          STEPS,
          BETWEEN,
          LAYER,
          ATTENTION);
  static final List<Key<?>> SCORING = List.of(SAMPLES, SAMPLES_PER_CLASS);
  static final List<Key<?>> TRAINING =
      List.of(
          EPOCHS,
          OPTIMIZER,
          LEARNING_RATE,
          MOMENTUM,
          WEIGHT_DECAY,
          BATCH,
          SCHEDULE,
          STEP_EPOCHS,
          GAMMA,
          FLIP,
          CROP,
          VALIDATION,
          PATIENCE,
          TRAINING_SAMPLES);

  /** Keys whose values are lists and stay lists. */
  static final Set<String> LISTS =
      Set.of(
          MODELS,
          SUBSETS,
          METHODS,
          SEEDS,
          IGNORE.name(),
          PROTECT.name(),
          AxisKeys.ZIP,
          AxisKeys.EXCLUDE,
          ZERO_PARTS.name(),
          RunKeys.STORES.name(),
          RunKeys.BATCH_SIZES.name());

  static final List<String> GRID_NAMES =
      Stream.of(
              Stream.of(DATA.name(), MODELS, SUBSETS, METHODS, RATIOS, SEEDS, TRAIN, RETRAIN),
              Stream.of(HEAD.name(), AxisKeys.VARY, AxisKeys.ZIP, AxisKeys.EXCLUDE),
              names(SCORING),
              names(SELECTION))
          .flatMap(names -> names)
          .toList();
  static final List<String> SWEEP_NAMES =
      Stream.of(
              Stream.of(NAME.name()),
              names(RunKeys.PLAIN),
              Stream.of(RunKeys.LATENCY),
              GRID_NAMES.stream(),
              Stream.of(AxisKeys.ONLY, GRIDS))
          .flatMap(names -> names)
          .toList();

  private SweepKeys() {}

  static Stream<String> names(List<Key<?>> keys) {
    return keys.stream().map(Key::name);
  }

  private static <T> Key<T> selection(
      String name, Kind<T> kind, Function<SelectionConfig, T> standard, String meaning) {
    return Key.of(name, kind, standard.apply(SELECTION_DEFAULTS), meaning);
  }

  private static <T> Key<T> limit(
      String name, Kind<T> kind, Function<Limits, T> standard, String meaning) {
    return Key.of(name, kind, standard.apply(Limits.NONE), meaning);
  }

  private static <T> Key<T> training(
      String name, Kind<T> kind, Function<TrainingConfig, T> standard, String meaning) {
    return Key.of(name, kind, standard.apply(TRAINING_DEFAULTS), meaning);
  }

  private static Key<BigDecimal> decimal(
      String name, String allowed, Interval interval, double standard, String meaning) {
    return Key.of(
        name, Kind.decimal(allowed, interval::holds), BigDecimal.valueOf(standard), meaning);
  }

  /** Intervals of decimals, checked on the decimal and on the double it becomes. */
  private enum Interval {
    SHARE {
      @Override
      boolean holds(BigDecimal value) {
        return value.signum() >= 0 && value.doubleValue() < 1;
      }
    },
    ABOVE_ZERO {
      @Override
      boolean holds(BigDecimal value) {
        return value.doubleValue() > 0;
      }
    },
    FROM_ZERO {
      @Override
      boolean holds(BigDecimal value) {
        return value.signum() >= 0;
      }
    };

    abstract boolean holds(BigDecimal value);
  }
}
