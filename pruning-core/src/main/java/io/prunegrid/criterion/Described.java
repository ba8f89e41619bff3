package io.prunegrid.criterion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a criterion says of itself. */
abstract class Described implements Criterion {
  private final String name;
  private final int version;
  private final String summary;
  private final Set<Need> needs;
  private List<Parameter> parameters = List.of();

  Described(String name, int version, String summary, Need... needs) {
    this.name = name;
    this.version = version;
    this.summary = summary;
    this.needs = needs.length == 0 ? Set.of() : Set.copyOf(EnumSet.copyOf(Arrays.asList(needs)));
  }

  /** Adds parameters; those of the criterion's own first, then what it shares with others. */
  final void takes(Parameter... more) {
    List<Parameter> all = new ArrayList<>(parameters);
    all.addAll(Arrays.asList(more));
    parameters = List.copyOf(all);
  }

  /** Adds what every criterion that sees images lets people choose. */
  final void takesImages() {
    takes(Sight.SEES, Sight.HEAD);
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final int version() {
    return version;
  }

  @Override
  public final String summary() {
    return summary;
  }

  @Override
  public final Set<Need> needs() {
    return needs;
  }

  @Override
  public final List<Parameter> parameters() {
    return parameters;
  }
}
