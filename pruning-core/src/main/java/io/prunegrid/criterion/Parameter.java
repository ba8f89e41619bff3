package io.prunegrid.criterion;

import io.prunegrid.channel.LayerNumbers;
import io.prunegrid.common.BadInput;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Something about a criterion that a person may choose, written as {@code name=value}. */
public sealed interface Parameter {
  String name();

  /** The value where none is given, spelled canonically. */
  String defaultValue();

  /** The values it takes, in words. */
  String allowed();

  /** What it means, in one sentence. */
  String doc();

  /**
   * The one spelling of a value, for instance {@code 2} for {@code 2.0}.
   *
   * @throws BadInput for a value that is not allowed
   */
  String canonical(String text);

  /** One of a few values; numbers may be written in any form. */
  record Choice(String name, String defaultValue, List<String> values, String doc)
      implements Parameter {
    public Choice {
      values = List.copyOf(values);
      if (!values.contains(defaultValue)) {
        throw new IllegalArgumentException(defaultValue + " is not among " + values);
      }
    }

    @Override
    public String allowed() {
      return String.join(", ", values);
    }

    @Override
    public String canonical(String text) {
      String stripped = text.strip();
      for (String value : values) {
        if (value.equals(stripped) || sameNumber(value, stripped)) {
          return value;
        }
      }
      throw new BadInput(name + " is '" + text + "', allowed: " + allowed());
    }

    private static boolean sameNumber(String value, String typed) {
      try {
        return Double.parseDouble(value) == Double.parseDouble(typed);
      } catch (NumberFormatException e) {
        return false;
      }
    }
  }

  /**
   * One of a few values, or a word followed by a number, for instance {@code sentinel 0.5}.
   *
   * @param word what stands before the number
   * @param from the least number
   * @param below what the number stays below
   * @param whole whether only whole numbers are allowed
   */
  record NumberedChoice(
      String name,
      String defaultValue,
      List<String> values,
      String word,
      double from,
      double below,
      Numbers whole,
      String doc)
      implements Parameter {
    public NumberedChoice {
      values = List.copyOf(values);
    }

    @Override
    public String allowed() {
      return String.join(", ", values)
          + ", '"
          + word
          + " N' with N "
          + Decimal.range(from, below, whole);
    }

    @Override
    public String canonical(String text) {
      String stripped = text.strip().replaceAll("\\s+", " ");
      if (values.contains(stripped)) {
        return stripped;
      }
      if (stripped.startsWith(word + " ")) {
        String number = stripped.substring(word.length() + 1);
        Optional<String> spelled = Decimal.spelled(number, from, below, whole);
        if (spelled.isPresent()) {
          return word + " " + spelled.get();
        }
      }
      throw new BadInput(name + " is '" + text + "', allowed: " + allowed());
    }
  }

  /** Some of a few words, at least one, with commas between; spelled in the order of the list. */
  record Several(String name, String defaultValue, List<String> values, String doc)
      implements Parameter {
    public Several {
      values = List.copyOf(values);
    }

    @Override
    public String allowed() {
      return "some of " + String.join(", ", values) + ", with commas between";
    }

    @Override
    public String canonical(String text) {
      List<String> words =
          Arrays.stream(text.replaceAll("[\\[\\]\"]", " ").split(",", -1))
              .map(String::strip)
              .toList();
      if (!values.containsAll(words) || words.size() > new HashSet<>(words).size()) {
        throw new BadInput(name + " is '" + text + "', allowed: " + allowed());
      }
      return String.join(",", values.stream().filter(words::contains).toList());
    }
  }

  /**
   * The path of a file, relative to the folder that a command was given in; {@link #NONE} for none.
   */
  record File(String name, String doc) implements Parameter {
    /** No file. */
    public static final String NONE = "none";

    @Override
    public String defaultValue() {
      return NONE;
    }

    @Override
    public String allowed() {
      return "the path of a file";
    }

    @Override
    public String canonical(String text) {
      if (text.isBlank()) {
        throw new BadInput(name + " is '" + text + "', allowed: " + allowed());
      }
      return text.strip();
    }
  }

  /** A number of at least 0 for all layers, or numbers by globs over layer names. */
  record ByLayer(String name, String defaultValue, String doc) implements Parameter {
    @Override
    public String allowed() {
      return "a number of at least 0, or GLOB=NUMBER with spaces between, of which the first that"
          + " matches a layer counts";
    }

    @Override
    public String canonical(String text) {
      try {
        return LayerNumbers.parse(text).toString();
      } catch (BadInput e) {
        throw new BadInput(e.problems().stream().map(problem -> name + ": " + problem).toList());
      }
    }
  }

  /**
   * A number within bounds.
   *
   * @param from the least value
   * @param below what the value stays below; infinite for no bound
   */
  record Decimal(
      String name, String defaultValue, double from, double below, Numbers whole, String doc)
      implements Parameter {
    /** More digits behind the point than the smallest double has. */
    private static final int DIGITS = 2000;

    @Override
    public String allowed() {
      return range(from, below, whole);
    }

    @Override
    public String canonical(String text) {
      return spelled(text.strip(), from, below, whole)
          .orElseThrow(() -> new BadInput(name + " is '" + text + "', allowed: " + allowed()));
    }

    private static Optional<String> spelled(String text, double from, double below, Numbers whole) {
      try {
        BigDecimal number = new BigDecimal(text);
        double value = number.doubleValue();
        double most = whole == Numbers.WHOLE ? Integer.MAX_VALUE : Double.MAX_VALUE;
        // what would be nothing but zeros is not spelled out
        boolean fits = value >= from && value < below && value <= most && number.scale() < DIGITS;
        boolean integer = number.stripTrailingZeros().scale() <= 0;
        return fits && (integer || whole == Numbers.ALL)
            ? Optional.of(number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString())
            : Optional.empty();
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }

    private static String range(double from, double below, Numbers whole) {
      String kind = whole == Numbers.WHOLE ? "a whole number" : "a number";
      if (below == Math.nextUp(1.0)) {
        return kind + " in [" + plain(from) + ", 1]";
      }
      if (Double.isInfinite(below) && whole == Numbers.WHOLE) {
        return kind + " from " + plain(from) + " to " + Integer.MAX_VALUE;
      }
      return Double.isInfinite(below)
          ? kind + " of at least " + plain(from)
          : kind + " in [" + plain(from) + ", " + plain(below) + ")";
    }

    private static String plain(double bound) {
      return BigDecimal.valueOf(bound).stripTrailingZeros().toPlainString();
    }
  }

  /** Which numbers a parameter takes. */
  enum Numbers {
    WHOLE,
    ALL
  }
}
