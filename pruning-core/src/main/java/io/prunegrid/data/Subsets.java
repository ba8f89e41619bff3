package io.prunegrid.data;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads what people write to select classes. */
public final class Subsets {
  /** The word for every class. */
  public static final String ALL = "all";

  private Subsets() {}

  /**
   * Classes from {@code "0,1,8,9"}, {@code "airplane,ship"} or {@code "all"}.
   *
   * @param names the data's class names, in label order
   * @return original class indices in the order written; empty for {@code all}
   * @throws BadInput one problem for each entry that is no class, or is there twice
   */
  public static List<Integer> parse(String text, List<String> names) {
    return parse(Arrays.asList(text.split(",", -1)), names);
  }

  /**
   * Classes from a list of indices and names.
   *
   * @see #parse(String, List)
   */
  public static List<Integer> parse(List<String> entries, List<String> names) {
    if (entries.size() == 1 && entries.get(0).strip().equals(ALL)) {
      return List.of();
    }
    List<String> problems = new ArrayList<>();
    Set<Integer> classes = new LinkedHashSet<>();
    for (String raw : entries) {
      String entry = raw.strip();
      int found = names.indexOf(entry);
      if (found < 0 && entry.matches("[0-9]{1,9}")) {
        found = Integer.parseInt(entry);
      }
      if (entry.isEmpty()) {
        problems.add("a class is missing in '" + String.join(",", entries) + "'");
      } else if (found >= names.size() || (found < 0 && entry.matches("-?[0-9]+"))) {
        problems.add(
            "class "
                + entry
                + " does not exist: the data have "
                + names.size()
                + " classes, allowed: 0 to "
                + (names.size() - 1));
      } else if (found < 0) {
        problems.add(Names.unknown("class", entry, names));
      } else if (!classes.add(found)) {
        problems.add("class " + entry + " is given twice in '" + String.join(",", entries) + "'");
      }
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    return List.copyOf(classes);
  }
}
