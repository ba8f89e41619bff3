package io.prunegrid.common;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Help with names that people type: globs and the nearest known name. */
public final class Names {
  private Names() {}

  /**
   * A predicate over whole names; {@code *} stands for any characters, dots too, {@code ?} for one.
   */
  public static Pattern glob(String glob) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      switch (c) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  /**
   * A name as a terminal may show it, for a name out of a file may hold anything: control
   * characters as in Java's source text.
   */
  public static String printable(String name) {
    StringBuilder shown = new StringBuilder();
    name.codePoints()
        .forEach(
            c -> {
              if (c == '\n') {
                shown.append("\\n");
              } else if (c == '\r') {
                shown.append("\\r");
              } else if (c == '\t') {
                shown.append("\\t");
              } else if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                shown.append(String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return shown.toString();
  }

  /** The known name that is nearest to what was typed, if any is near enough to be a slip. */
  public static Optional<String> nearest(String typed, Collection<String> known) {
    int least = Math.max(1, Math.max(2, typed.length()) / 2);
    String nearest = null;
    for (String name : known) {
      // as many edits as the lengths differ by are needed at least
      if (Math.abs(name.length() - typed.length()) > least) {
        continue;
      }
      int distance = distance(typed, name);
      if (distance < least
          || (distance == least && (nearest == null || name.compareTo(nearest) < 0))) {
        nearest = name;
        least = distance;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** The nearest known name as the end of a sentence that refuses what was typed; else nothing. */
  public static String suggestion(String typed, Collection<String> known) {
    return nearest(typed, known).map(name -> "; did you mean '" + name + "'?").orElse("");
  }

  /**
   * What an unknown name deserves as an answer, for instance {@code unknown method 'tailor'; did
   * you mean 'taylor'? allowed: ln, random, taylor}.
   */
  public static String unknown(String what, String typed, Collection<String> known) {
    return "unknown "
        + what
        + " '"
        + typed
        + "'"
        + nearest(typed, known).map(name -> "; did you mean '" + name + "'?").orElse(";")
        + " allowed: "
        + String.join(", ", known);
  }

  /**
   * Edits (insert, delete, replace, swap of neighbours) from one name to the other, letters' case
   * ignored.
   */
  private static int distance(String left, String right) {
    String a = left.toLowerCase(Locale.ROOT);
    String b = right.toLowerCase(Locale.ROOT);
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          row[j] = i + j;
          continue;
        }
        int replace = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, 1 + Math.min(last[j], row[j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      int[] free = beforeLast;
      beforeLast = last;
      last = row;
      row = free;
    }
    return last[b.length()];
  }
}
