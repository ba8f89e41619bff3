package io.prunegrid.job.spark;

import java.util.Map;
import java.util.Optional;

/**
 * Where and how work runs. What {@code spark-submit} sets, or any system property {@code spark.*},
 * goes before the defaults here; {@code master} and {@code options} go before both.
 *
 * @param name shown by Spark
 * @param slots items at the same time in local mode, at least 1
 * @param master a master's URL; empty: what spark-submit says, or else this process itself
 * @param options further Spark options by name
 */
public record GridSettings(
    String name, int slots, Optional<String> master, Map<String, String> options) {
  public GridSettings {
    options = Map.copyOf(options);
    if (slots < 1) {
      throw new IllegalArgumentException("slots must be at least 1, found " + slots);
    }
  }

  /** This process itself, so many items at the same time. */
  public static GridSettings local(String name, int slots) {
    return new GridSettings(name, slots, Optional.empty(), Map.of());
  }
}
