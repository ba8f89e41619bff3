package io.prunegrid.job.sweep;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Stream;

/** The keys of axes, of ranges and of entries of axes. */
final class AxisKeys {
  static final Key<String> ENTRY_NAME =
      Key.required(
          "name", Kind.text(), "a network of the zoo, a preset, a model folder or an ONNX file");
  static final Key<String> WEIGHTS =
      Key.required(
          "weights",
          Kind.text(),
          "a checkpoint, relative to the working directory, or `procedural`; left out, a zoo"
              + " network is trained from scratch; a model folder or an ONNX file brings its own");
  static final Key<Integer> CLASSES =
      Key.required(
          "classes",
          Kind.wholeNumber(1),
          "outputs of the head; left out, the published number with weights, else the data's");
  static final Key<Integer> RESOLUTION =
      Key.required(
          "resolution", Kind.wholeNumber(1), "height and width of the input; left out, the data's");
  static final Key<String> LABEL =
      Key.required(
          "label",
          Kind.text(),
          "what `only`, `exclude` and the plan call it; left out, the name that the sweep gives");
  static final Key<String> SUBSET_NAME =
      Key.required("name", Kind.text(), "what to call it; the classes with commas where left out");
  static final Key<String> METHOD_NAME =
      Key.required(
          "name", Kind.text(), "a criterion or a preset; its own parameters stand beside it");

  private static final Kind<BigDecimal> ANY = Kind.decimal("a number", value -> true);
  static final Kind<BigDecimal> RATIO =
      Kind.decimal("a number in [0, 1)", value -> value.signum() >= 0 && value.doubleValue() < 1);
  static final Key<BigDecimal> FROM = Key.required("from", ANY, "the first value");
  static final Key<BigDecimal> TO =
      Key.required("to", ANY, "the last value, included where a step reaches it");
  static final Key<BigDecimal> STEP =
      Key.required(
          "step",
          Kind.decimal("a number above 0", value -> value.doubleValue() > 0),
          "the difference between two values; or `points`");
  static final Key<Integer> POINTS =
      Key.required("points", Kind.wholeNumber(2, 10_000), "how many values, both ends included");
  static final Key<Scale> SCALE =
      Key.of(
          "scale",
          Kind.oneOf(Scale.class),
          Scale.LINEAR,
          "whether points differ by equal amounts, by equal factors, or by equal factors of one"
              + " minus the value (0.9, 0.99, 0.999)");
  static final Kind<Long> SEED = Kind.wholeNumber();
  static final Key<Long> FIRST_SEED = Key.of("from", SEED, 0L, "the first seed");
  static final Key<Integer> COUNT =
      Key.required("count", Kind.wholeNumber(1), "how many seeds; or `to`");
  static final Key<Long> LAST_SEED =
      Key.required("to", SEED, "the last seed, included where a step reaches it");
  static final Key<Integer> SEED_STEP =
      Key.of("step", Kind.wholeNumber(1), 1, "the difference between two seeds");

  static final String VARY = "vary";
  static final String ZIP = "zip";
  static final String EXCLUDE = "exclude";
  static final String ONLY = "only";
  static final String SUBSET_CLASSES = "classes";

  static final List<Key<?>> RANGE = List.of(FROM, TO, STEP, POINTS, SCALE);
  static final List<Key<?>> SEED_RANGE = List.of(FIRST_SEED, COUNT, LAST_SEED, SEED_STEP);
  static final List<Key<?>> MODEL = List.of(ENTRY_NAME, WEIGHTS, CLASSES, RESOLUTION, LABEL);

  private AxisKeys() {}

  /** What a model's entry may hold: the model, and what it overrides of its grid. */
  static List<String> modelNames() {
    return Stream.of(
            SweepKeys.names(MODEL),
            Stream.of(SweepKeys.TRAIN, SweepKeys.RETRAIN),
            SweepKeys.names(SweepKeys.SCORING),
            SweepKeys.names(SweepKeys.SELECTION))
        .flatMap(names -> names)
        .toList();
  }

  /** What a method's entry may hold beside its criterion's own parameters. */
  static List<String> methodNames(List<String> parameters) {
    return Stream.of(
            Stream.of(METHOD_NAME.name(), LABEL.name()),
            parameters.stream(),
            SweepKeys.names(SweepKeys.SCORING),
            SweepKeys.names(SweepKeys.SELECTION))
        .flatMap(names -> names)
        .distinct()
        .toList();
  }
}
