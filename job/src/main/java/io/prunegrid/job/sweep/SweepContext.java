package io.prunegrid.job.sweep;

import io.prunegrid.pipeline.CellInputs;
import io.prunegrid.pipeline.Inputs;
import java.util.List;
import java.util.Set;

/**
 * What a sweep file is read with, beside its overrides.
 *
 * @param only {@code axis=value} each: cells that are kept; several of one axis add up
 * @param presets parts of sweeps by name
 * @param inputs the data and networks that the sweep may name
 */
public record SweepContext(List<String> only, Presets presets, CellInputs inputs) {
  public SweepContext {
    only = List.copyOf(only);
  }

  /** All cells, the user's presets, and inputs that are opened for this. */
  public static SweepContext ofUser() {
    return new SweepContext(List.of(), Presets.ofUser(), new Inputs());
  }

  public SweepContext withOnly(List<String> rules) {
    return new SweepContext(rules, presets, inputs);
  }

  public SweepContext withPresets(Presets others) {
    return new SweepContext(only, others, inputs);
  }

  public SweepContext withInputs(CellInputs others) {
    return new SweepContext(only, presets, others);
  }

  /** Lets data and weights be absent, for a plan that counts and never runs. */
  public SweepContext withoutInputs() {
    return withInputs(new AbsentInputs(inputs));
  }

  /** What was looked for and is not here, where it may be absent. */
  public Set<String> missing() {
    return inputs instanceof AbsentInputs absent ? absent.missing() : Set.of();
  }
}
