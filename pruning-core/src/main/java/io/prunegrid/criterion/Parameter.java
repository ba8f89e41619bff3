package io.prunegrid.criterion;

import io.prunegrid.common.BadInput;
import java.util.List;

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
}
