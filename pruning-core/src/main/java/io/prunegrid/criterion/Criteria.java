package io.prunegrid.criterion;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import java.util.List;

/** Every criterion there is, by name. */
public final class Criteria {
  private static final List<Criterion> ALL =
      List.of(new GroupMagnitude(), new Ln(), new Magnitude(), new RandomScores(), new Taylor());

  private Criteria() {}

  /** All criteria, in alphabetical order. */
  public static List<Criterion> all() {
    return ALL;
  }

  /** Names of all criteria, in alphabetical order. */
  public static List<String> names() {
    return ALL.stream().map(Criterion::name).toList();
  }

  /**
   * The criterion of this name.
   *
   * @throws BadInput with the nearest name, where there is none
   */
  public static Criterion named(String name) {
    return ALL.stream()
        .filter(criterion -> criterion.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new BadInput(Names.unknown("method", name, names())));
  }
}
