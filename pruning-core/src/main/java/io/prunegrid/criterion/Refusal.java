package io.prunegrid.criterion;

import java.util.List;

/**
 * Something wrong with what was given for a criterion's parameters.
 *
 * @param parameters names of those that it is about, at least one, the first of them first to blame
 * @param problem one sentence that says what was found and what is allowed
 */
public record Refusal(List<String> parameters, String problem) {
  public Refusal {
    parameters = List.copyOf(parameters);
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("a refusal is about at least one parameter");
    }
  }
}
