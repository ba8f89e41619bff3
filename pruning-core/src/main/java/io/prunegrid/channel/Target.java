package io.prunegrid.channel;

import io.prunegrid.common.BadInput;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;

/**
 * What a pruned network must come down to: {@code macs=0.5} and {@code params=0.5} are shares of
 * the unpruned network's, {@code bytes=4MB} is the size of a file with its weights.
 *
 * @param amount a share in (0, 1], or bytes
 */
public record Target(Measure measure, double amount) implements Serializable {
  /** No target; the ratio counts. */
  public static final Target NONE = new Target(Measure.NONE, 0);

  /** What is measured. */
  public enum Measure {
    NONE,
    MACS,
    PARAMS,
    BYTES;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What {@link #parse} allows, in words. */
  public static final String ALLOWED =
      "none, macs=SHARE, params=SHARE with a share above 0 and at most 1, bytes=SIZE with a number"
          + " and perhaps kB, MB or GB";

  /**
   * Reads what a person wrote.
   *
   * @throws BadInput for anything else than {@link #ALLOWED}
   */
  public static Target parse(String text) {
    return find(text)
        .orElseThrow(() -> new BadInput("target is '" + text + "', allowed: " + ALLOWED));
  }

  /** The same, none where it cannot be read. */
  public static Optional<Target> find(String text) {
    String stripped = text.strip();
    if (stripped.equals("none")) {
      return Optional.of(NONE);
    }
    int equals = stripped.indexOf('=');
    if (equals < 0) {
      return Optional.empty();
    }
    String value = stripped.substring(equals + 1).strip();
    return switch (stripped.substring(0, equals).strip()) {
      case "macs" -> share(value).map(share -> new Target(Measure.MACS, share));
      case "params" -> share(value).map(share -> new Target(Measure.PARAMS, share));
      case "bytes" -> bytes(value).map(bytes -> new Target(Measure.BYTES, bytes));
      default -> Optional.empty();
    };
  }

  private static Optional<Double> share(String text) {
    return number(text).filter(share -> share > 0 && share <= 1);
  }

  private static Optional<Double> bytes(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    double unit =
        lower.endsWith("gb") ? 1e9 : lower.endsWith("mb") ? 1e6 : lower.endsWith("kb") ? 1e3 : 1;
    String digits = unit == 1 ? lower : lower.substring(0, lower.length() - 2).strip();
    return number(digits)
        .map(number -> number * unit)
        .filter(bytes -> bytes >= 1 && Double.isFinite(bytes));
  }

  private static Optional<Double> number(String text) {
    try {
      return Optional.of(new BigDecimal(text).doubleValue()).filter(Double::isFinite);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** As a person would write it. */
  @Override
  public String toString() {
    if (measure == Measure.NONE) {
      return "none";
    }
    return measure + "=" + BigDecimal.valueOf(amount).stripTrailingZeros().toPlainString();
  }
}
