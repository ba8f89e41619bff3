package io.prunegrid.job.sweep;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.job.sweep.Plan.PlannedCell;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which cells a person means: the beginning of a key, or values of axes, {@code
 * method=taylor,ratio=0.5}.
 */
public final class CellSelector {
  private static final Pattern KEY = Pattern.compile("[0-9a-f]{4,64}");

  private final String text;
  private final Map<String, List<String>> wanted = new LinkedHashMap<>();

  /**
   * @throws BadInput where the text is neither a key nor names an axis
   */
  public CellSelector(String text) {
    this.text = text.strip();
    if (KEY.matcher(this.text).matches()) {
      return;
    }
    String axis = null;
    for (String part : this.text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        axis = part.substring(0, equals).strip();
      } else if (axis == null) {
        throw new BadInput(
            "'" + text + "' is no cell; allowed: four or more digits of a key, or axis=value,...");
      }
      wanted
          .computeIfAbsent(axis, key -> new ArrayList<>())
          .add(part.substring(equals + 1).strip());
    }
  }

  /** Whether it is the beginning of a key. */
  public boolean isKey() {
    return wanted.isEmpty();
  }

  /** Whether a key begins so. */
  public boolean begins(String key) {
    return isKey() && key.startsWith(text);
  }

  /**
   * Whether a cell is meant.
   *
   * @throws BadInput for an axis that the cell does not have
   */
  public boolean matches(PlannedCell cell) {
    if (isKey()) {
      return begins(cell.keys().cell());
    }
    for (Map.Entry<String, List<String>> entry : wanted.entrySet()) {
      if (entry.getValue().stream().noneMatch(value -> matches(cell, entry.getKey(), value))) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(PlannedCell cell, String axis, String value) {
    Predicate<String> name = Names.glob(value).asMatchPredicate();
    return switch (axis) {
      case "model" -> name.test(cell.config().model().name());
      case "subset" -> name.test(cell.config().subset().name());
      case "method" -> name.test(cell.config().method().name());
      case "grid" -> name.test(cell.grid());
      case "ratio" -> number(value).test(String.valueOf(cell.config().ratio()));
      case "seed" -> number(value).test(String.valueOf(cell.config().seed()));
      default -> {
        String parameter = cell.config().method().parameters().get(axis);
        if (parameter == null) {
          Set<String> known = new TreeSet<>(cell.config().method().parameters().keySet());
          known.addAll(List.of("model", "subset", "method", "grid", "ratio", "seed"));
          throw new BadInput(Names.unknown("axis", axis, known));
        }
        yield name.test(parameter);
      }
    };
  }

  private static Comparison number(String value) {
    return Comparison.of(value)
        .orElseThrow(() -> new BadInput("'" + value + "' is no number; allowed: a number"));
  }

  @Override
  public String toString() {
    return text;
  }
}
