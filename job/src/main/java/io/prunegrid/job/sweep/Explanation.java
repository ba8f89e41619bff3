package io.prunegrid.job.sweep;

import io.prunegrid.job.sweep.Plan.PlannedCell;
import io.prunegrid.pipeline.CellIdentities;
import io.prunegrid.pipeline.CellInputs;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Says of a planned cell whether it would run, and which part of its identity makes it run. */
public final class Explanation {
  private final Map<String, FinishedRow> rows = new HashMap<>();
  private final Set<String> failedBefore;
  private final Map<String, Identity> identities = new HashMap<>();

  /**
   * A row that is there.
   *
   * @param identity what its key hashes; absent in rows that were written without it
   * @param label what it is, for people
   */
  public record FinishedRow(String key, Optional<String> identity, String label) {}

  /**
   * Explains by these rows.
   *
   * @param failedBefore keys of cells that wait, because they or what they need failed
   */
  public Explanation(Collection<FinishedRow> finished, Set<String> failedBefore) {
    this.failedBefore = Set.copyOf(failedBefore);
    for (FinishedRow row : finished) {
      rows.put(row.key(), row);
      row.identity().flatMap(Identity::of).ifPresent(found -> identities.put(row.key(), found));
    }
  }

  /** Whether the cell's row is there. */
  public boolean isFinished(PlannedCell cell) {
    return rows.containsKey(cell.keys().cell());
  }

  /** The lines that explain the cell. */
  public List<String> of(PlannedCell cell, CellInputs inputs) {
    List<String> lines = new ArrayList<>();
    String key = cell.keys().cell();
    lines.add("cell " + key.substring(0, 12) + "  " + cell.label());
    if (isFinished(cell)) {
      lines.add("  is finished: its row is there, and it would not run");
      return lines;
    }
    if (failedBefore.contains(key)) {
      lines.add(
          "  would not run: it, or what it needs, failed before; rerun --status failed tries it"
              + " again");
      return lines;
    }
    Identity own =
        Identity.of(
                new CellIdentities()
                    .family(cell.config(), inputs.hashes(cell.config()))
                    .text(cell.config().ratio()))
            .orElseThrow();
    Optional<String> nearest =
        identities.keySet().stream()
            .min(
                Comparator.comparingInt((String other) -> own.distance(identities.get(other)))
                    .thenComparing(Comparator.naturalOrder()));
    if (nearest.isEmpty()) {
      lines.add(
          rows.isEmpty()
              ? "  would run: no row is there"
              : "  would run: none of the " + rows.size() + " rows says what decided it");
      return lines;
    }
    FinishedRow row = rows.get(nearest.get());
    Map<String, String[]> differences = own.against(identities.get(nearest.get()));
    boolean elsewhere = differences.keySet().stream().anyMatch(Identity::isAxis);
    lines.add(
        elsewhere
            ? "  would run: no row is at its place; the nearest one is"
            : "  would run: the row of its place was made with other settings");
    lines.add("    " + row.key().substring(0, 12) + "  " + row.label());
    differences.forEach(
        (name, values) ->
            lines.add(
                String.format(
                    "    %-28s %s there, %s here", name, text(values[1]), text(values[0]))));
    return lines;
  }

  /** A row that the selector means by its key, though no cell of the plan has it. */
  public Optional<String> unplanned(CellSelector selector) {
    return rows.values().stream()
        .filter(row -> selector.begins(row.key()))
        .findFirst()
        .map(
            row ->
                "row "
                    + row.key().substring(0, 12)
                    + "  "
                    + row.label()
                    + System.lineSeparator()
                    + "  is finished, and the sweep as it is now does not ask for it");
  }

  private static String text(String value) {
    return value == null ? "nothing" : value;
  }
}
