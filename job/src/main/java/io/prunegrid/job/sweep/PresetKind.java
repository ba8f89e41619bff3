package io.prunegrid.job.sweep;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a preset can stand for; the folder of its files and the key in them carry its name. */
public enum PresetKind {
  MODEL("models"),
  DATA("data"),
  METHOD("methods"),
  SUBSET("subsets"),
  SWEEP("sweeps");

  private final String many;

  PresetKind(String many) {
    this.many = many;
  }

  /** How several are called, for instance {@code models}. */
  public String many() {
    return many;
  }

  /** Names of all kinds, as {@link #many()}. */
  public static List<String> allMany() {
    return Arrays.stream(values()).map(PresetKind::many).toList();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
