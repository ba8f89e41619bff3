package io.prunegrid.common;

import java.util.List;

/**
 * What a person gave cannot be used: a typo, a missing file, a value out of range. Every problem is
 * one plain sentence that names the file, line or key, what was found and what is allowed. The
 * command line prints the problems without a stack trace and ends with exit code 2; nothing has
 * been written when this is thrown.
 */
public final class BadInput extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final List<String> problems;

  public BadInput(String problem) {
    this(List.of(problem));
  }

  public BadInput(String problem, Throwable cause) {
    super(problem, cause);
    this.problems = List.of(problem);
  }

  public BadInput(List<String> problems) {
    super(String.join("\n", problems));
    if (problems.isEmpty()) {
      throw new IllegalArgumentException("bad input needs at least one problem");
    }
    this.problems = List.copyOf(problems);
  }

  /** Every problem found, in the order in which a person reads the input. */
  public List<String> problems() {
    return problems;
  }
}
