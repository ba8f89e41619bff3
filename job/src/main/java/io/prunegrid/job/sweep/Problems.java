package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigOrigin;
import io.prunegrid.common.BadInput;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects what is wrong with a sweep, so that a person sees all of it at once, in the order of the
 * lines. A value that several grids inherit is complained about once.
 */
final class Problems {
  private final Set<Problem> problems = new LinkedHashSet<>();
  private int besides;

  private record Problem(String file, int line, String sentence) {}

  /** Adds a sentence about the place where a value stands. */
  void add(ConfigOrigin origin, String sentence) {
    add(
        origin.filename() == null ? "" : origin.filename(),
        origin.lineNumber(),
        Place.of(origin) + ": " + sentence);
  }

  private void add(String file, int line, String sentence) {
    problems.add(new Problem(file, line, sentence));
  }

  /**
   * Adds a problem with one value. A file is named with its line and the key's path; an option of
   * the command line speaks for itself, unless it sets a block or a list and the value is in it.
   *
   * @param rest what follows the value's name, for instance {@code is 1.2}
   */
  void add(ConfigOrigin origin, String path, String rest) {
    if (origin.filename() == null) {
      String place = Place.of(origin);
      boolean inside = rest.startsWith(" ") && Place.isInside(place, path);
      add("", origin.lineNumber(), place + (inside ? ": " + path : "") + rest);
    } else {
      add(origin, path + rest);
    }
  }

  /** Adds what another check found, each problem at this place and under this key. */
  void add(ConfigOrigin origin, String path, BadInput found) {
    found.problems().forEach(problem -> add(origin, path, ": " + problem));
  }

  /** Adds sentences that name their place themselves. */
  void addAll(List<String> sentences) {
    sentences.forEach(sentence -> add("", 0, sentence));
  }

  /** Adds what was found of an input that is not here, while all that is asked of it is known. */
  void addBesides(ConfigOrigin origin, String path, BadInput found) {
    int before = problems.size();
    add(origin, path, found);
    besides += problems.size() - before;
  }

  /** How many there are that leave something unknown. */
  int size() {
    return problems.size() - besides;
  }

  /**
   * @throws BadInput with every problem, if there is any
   */
  void refuseIfAny() {
    if (!problems.isEmpty()) {
      throw new BadInput(
          problems.stream()
              .sorted(Comparator.comparing(Problem::file).thenComparing(Problem::line))
              .map(Problem::sentence)
              .toList());
    }
  }
}
