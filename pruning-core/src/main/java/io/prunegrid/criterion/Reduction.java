package io.prunegrid.criterion;

import io.prunegrid.common.Names;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How the scores that a class of coupled channels has in several places become one. */
enum Reduction {
  MEAN,
  SUM,
  MAX,
  PROD,
  FIRST,
  LAST,
  /** Nothing is combined: what several layers produce has no score. */
  NONE;

  static final String NAME = "reduction";

  static Parameter parameter(String places) {
    return new Parameter.Choice(
        NAME,
        "mean",
        Arrays.stream(values()).map(Reduction::spelled).toList(),
        "how a class's scores in " + places + " become one; none leaves out what several produce");
  }

  static Reduction of(String spelled) {
    for (Reduction reduction : values()) {
      if (reduction.spelled().equals(spelled)) {
        return reduction;
      }
    }
    throw new IllegalArgumentException(
        Names.unknown("reduction", spelled, List.of("mean", "sum", "max", "prod")));
  }

  private String spelled() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * One score for each channel.
   *
   * @param places scores by channel, in the order of the places
   * @param producers how many layers produce the channels
   */
  double[] of(List<double[]> places, int channels, int producers) {
    double[] reduced = new double[channels];
    double[] scores = new double[places.size()];
    for (int i = 0; i < channels; i++) {
      for (int place = 0; place < scores.length; place++) {
        scores[place] = places.get(place)[i];
      }
      reduced[i] = of(scores, producers);
    }
    return reduced;
  }

  /**
   * One score.
   *
   * @param scores in the order of the places; NaN where there is none
   * @param producers how many layers produce the class
   */
  double of(double[] scores, int producers) {
    if (scores.length == 0 || (this == NONE && producers > 1)) {
      return Double.NaN;
    }
    return switch (this) {
      case MEAN -> Sums.of(scores) / scores.length;
      case SUM -> Sums.of(scores);
      case MAX -> Arrays.stream(scores).max().orElseThrow();
      case PROD -> Arrays.stream(scores).reduce(1, (a, b) -> a * b);
      case FIRST, NONE -> scores[0];
      case LAST -> scores[scores.length - 1];
    };
  }
}
