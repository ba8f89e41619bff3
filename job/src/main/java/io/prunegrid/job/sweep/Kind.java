package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import io.prunegrid.channel.LayerNumbers;
import io.prunegrid.channel.Target;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a key may hold: reads a value, and says in words which values it reads.
 *
 * @param allowed what is allowed, as it stands in a message after {@code allowed:}
 * @param words all that is allowed, where that is a few words
 * @param reader the value's meaning, or empty where the value is not allowed
 * @param speller how a value of this kind is written
 * @param culprits the parts of a value that make it one that is not allowed, where it has parts
 */
record Kind<T>(
    String allowed,
    List<String> words,
    Function<ConfigValue, Optional<T>> reader,
    Function<T, String> speller,
    Function<ConfigValue, List<String>> culprits) {
  private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,18}");
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d{1,40}\\.?\\d{0,40}|\\.\\d{1,40})([eE][+-]?\\d{1,2})?");

  private static final Pattern TIME = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)\\s*([smhd])?");

  /** Values are allowed or not as a whole. */
  Kind(
      String allowed,
      List<String> words,
      Function<ConfigValue, Optional<T>> reader,
      Function<T, String> speller) {
    this(allowed, words, reader, speller, value -> List.of());
  }

  Optional<T> read(ConfigValue value) {
    return reader.apply(value);
  }

  String spell(T value) {
    return speller.apply(value);
  }

  private static <T> Kind<T> scalar(String allowed, Function<String, Optional<T>> reader) {
    return scalar(allowed, List.of(), reader);
  }

  private static <T> Kind<T> scalar(
      String allowed, List<String> words, Function<String, Optional<T>> reader) {
    return new Kind<>(allowed, words, value -> text(value).flatMap(reader), String::valueOf);
  }

  static Kind<String> text() {
    return scalar("a text", found -> Optional.of(found).filter(text -> !text.isBlank()));
  }

  static Kind<String> text(String allowed, Pattern pattern) {
    return scalar(allowed, found -> Optional.of(found).filter(pattern.asMatchPredicate()));
  }

  static Kind<Long> wholeNumber() {
    return scalar(
        "a whole number",
        found -> Optional.of(found).filter(WHOLE.asMatchPredicate()).map(Long::parseLong));
  }

  static Kind<Integer> wholeNumber(int least) {
    return scalar(
        "a whole number of at least " + least,
        found ->
            Optional.of(found)
                .filter(WHOLE.asMatchPredicate())
                .map(Long::parseLong)
                .filter(number -> number >= least && number <= Integer.MAX_VALUE)
                .map(Long::intValue));
  }

  static Kind<Integer> wholeNumber(int least, int most) {
    Kind<Integer> unbounded = wholeNumber(least);
    return new Kind<>(
        "a whole number from " + least + " to " + most,
        List.of(),
        value -> unbounded.read(value).filter(number -> number <= most),
        String::valueOf);
  }

  /** Whole numbers in a list, or in one text with commas between them. */
  static Kind<List<Integer>> wholeNumbers(String allowed, int least) {
    Kind<Integer> one = wholeNumber(least);
    return new Kind<>(
        allowed,
        List.of(),
        value ->
            textList(value)
                .map(texts -> texts.stream().map(t -> one.read(textValue(t))).toList())
                .filter(numbers -> numbers.stream().allMatch(Optional::isPresent))
                .map(numbers -> numbers.stream().map(Optional::orElseThrow).toList()),
        String::valueOf);
  }

  /** Seconds, or a text with a unit: {@code 90}, {@code "1.5 h"}. */
  static Kind<Duration> duration() {
    return new Kind<>(
        "seconds, or a number with s, m, h or d",
        List.of(),
        value -> text(value).map(TIME::matcher).filter(Matcher::matches).map(Kind::duration),
        value -> String.valueOf(value.toSeconds()));
  }

  private static Duration duration(Matcher matched) {
    long unit =
        switch (matched.group(2) == null ? "s" : matched.group(2)) {
          case "m" -> 60_000;
          case "h" -> 3_600_000;
          case "d" -> 86_400_000;
          default -> 1_000;
        };
    BigDecimal millis = new BigDecimal(matched.group(1)).multiply(BigDecimal.valueOf(unit));
    return Duration.ofMillis(millis.setScale(0, RoundingMode.UP).longValueExact());
  }

  private static ConfigValue textValue(String text) {
    return ConfigValueFactory.fromAnyRef(text);
  }

  /** A decimal number in an interval; {@code range} is checked exactly, before rounding. */
  static Kind<BigDecimal> decimal(String allowed, Function<BigDecimal, Boolean> range) {
    return new Kind<>(
        allowed,
        List.of(),
        value ->
            text(value)
                .filter(DECIMAL.asMatchPredicate())
                .map(BigDecimal::new)
                .filter(range::apply),
        value -> value.stripTrailingZeros().toPlainString());
  }

  static Kind<Boolean> flag() {
    return scalar(
        "true, false",
        List.of("true", "false"),
        found ->
            switch (found) {
              case "true", "yes", "on" -> Optional.of(true);
              case "false", "no", "off" -> Optional.of(false);
              default -> Optional.empty();
            });
  }

  static <E extends Enum<E>> Kind<E> oneOf(Class<E> type) {
    E[] constants = type.getEnumConstants();
    List<String> words = Arrays.stream(constants).map(E::toString).toList();
    return scalar(
        String.join(", ", words),
        words,
        found ->
            Arrays.stream(constants)
                .filter(constant -> constant.toString().equals(found))
                .findFirst());
  }

  /** Texts in a list, or in one text with commas between them. */
  static Kind<List<String>> texts(String allowed) {
    return new Kind<>(
        allowed,
        List.of(),
        Kind::textList,
        value ->
            value.stream()
                .map(item -> '"' + item + '"')
                .collect(Collectors.joining(", ", "[", "]")));
  }

  /** Some of a few words, in a list, or in one text with commas between them; perhaps none. */
  static Kind<List<String>> texts(String allowed, List<String> words) {
    Kind<List<String>> any = texts(allowed);
    return new Kind<>(
        allowed, List.of(), value -> any.read(value).filter(words::containsAll), any.speller());
  }

  /** A number for all layers, or numbers by globs over their names. */
  static Kind<LayerNumbers> layerNumbers(double below) {
    return new Kind<>(
        "a number in [0, 1" + (below > 1 ? "]" : ")") + ", or GLOB=NUMBER with spaces between",
        List.of(),
        value ->
            text(value)
                .filter(found -> LayerNumbers.wrong(found, below).isEmpty())
                .map(LayerNumbers::parse),
        String::valueOf,
        value -> text(value).map(found -> LayerNumbers.wrong(found, below)).orElse(List.of()));
  }

  /** What a network must come down to. */
  static Kind<Target> target() {
    return scalar(Target.ALLOWED, Target::find);
  }

  private static Optional<List<String>> textList(ConfigValue value) {
    List<String> items = new ArrayList<>();
    if (value instanceof ConfigList list) {
      for (ConfigValue item : list) {
        text(item).ifPresent(items::add);
      }
      if (items.size() < list.size()) {
        return Optional.empty();
      }
    } else {
      Optional<String> joined = text(value);
      if (joined.isEmpty()) {
        return Optional.empty();
      }
      Stream.of(joined.get().split(",")).map(String::trim).forEach(items::add);
    }
    return Optional.of(List.copyOf(items)).filter(all -> all.stream().noneMatch(String::isBlank));
  }

  /** What a scalar was written as, numbers digit for digit; empty for lists, objects and null. */
  static Optional<String> text(ConfigValue value) {
    return switch (value.valueType()) {
      case NUMBER, STRING, BOOLEAN -> Optional.of(value.atKey("value").getString("value"));
      case LIST, OBJECT, NULL -> Optional.empty();
    };
  }

  static boolean isNull(ConfigValue value) {
    return value.valueType() == ConfigValueType.NULL;
  }
}
