package io.prunegrid.job.sweep;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number, or a bound on numbers: {@code 0.5}, {@code >= 0.5}.
 *
 * @param sign nothing for equality
 */
record Comparison(String sign, BigDecimal number) implements Predicate<String> {
  private static final Pattern WRITTEN =
      Pattern.compile(
          "\\s*(<=|>=|<|>|)\\s*([+-]?\\d{1,40}(?:\\.\\d{1,40})?(?:[eE][+-]?\\d{1,2})?)\\s*");

  static Optional<Comparison> of(String text) {
    Matcher matcher = WRITTEN.matcher(text);
    return matcher.matches()
        ? Optional.of(new Comparison(matcher.group(1), new BigDecimal(matcher.group(2))))
        : Optional.empty();
  }

  /** Whether it holds for a number. */
  @Override
  public boolean test(String text) {
    int order = new BigDecimal(text).compareTo(number);
    return switch (sign) {
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      case ">=" -> order >= 0;
      default -> order == 0;
    };
  }
}
