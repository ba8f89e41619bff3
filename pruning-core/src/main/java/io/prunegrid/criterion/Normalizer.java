package io.prunegrid.criterion;

import io.prunegrid.common.BadInput;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the scores of one layer, or of one bundle, are made comparable with others': {@code v /
 * mean}, {@code v / sum}, {@code v / max}, {@code v / ||v||}, {@code (v - min) / (max - min +
 * 1e-8)}, {@code (v - mean) / (deviation + 1e-8)}, {@code v} over the score at a share {@code q} of
 * the ascending order plus 1e-8, or each score's share of those not below it (Lee et al. 2021,
 * LAMP), which is for scores of at least 0. Divisors count without their sign, so that the order
 * within a layer stays; where one is zero the scores stay as they are. NaNs take no part.
 */
final class Normalizer {
  static final String NAME = "normalizer";
  static final String AUTO = "auto";

  private static final List<String> NAMES =
      List.of("none", "mean", "sum", "max", "l2", "standardization", "gaussian", "lamp");

  private static final double TINY = 1e-8;

  private final String name;
  private final double share;

  private Normalizer(String name, double share) {
    this.name = name;
    this.share = share;
  }

  /** The parameter of criteria that always normalize the same way. */
  static Parameter parameter(String defaultValue, String what) {
    return new Parameter.NumberedChoice(
        NAME,
        defaultValue,
        NAMES,
        "sentinel",
        0,
        1,
        Parameter.Numbers.ALL,
        "how " + what + " are made comparable with others");
  }

  /** The parameter of criteria that normalize by a rule of their own in global scope. */
  static Parameter automatic(String global) {
    List<String> values =
        IntStream.range(-1, NAMES.size()).mapToObj(i -> i < 0 ? AUTO : NAMES.get(i)).toList();
    return new Parameter.NumberedChoice(
        NAME,
        AUTO,
        values,
        "sentinel",
        0,
        1,
        Parameter.Numbers.ALL,
        "how a layer's scores are made comparable with others; auto is "
            + global
            + " in global scope and none in local");
  }

  static Normalizer of(String spelled) {
    if (spelled.startsWith("sentinel ")) {
      return new Normalizer("sentinel", Double.parseDouble(spelled.substring(9)));
    }
    if (!NAMES.contains(spelled)) {
      throw new IllegalArgumentException("no normalizer is named '" + spelled + "'");
    }
    return new Normalizer(spelled, 0);
  }

  /**
   * The scores, made comparable.
   *
   * @throws BadInput for lamp where a score is below 0
   */
  double[] apply(double[] scores) {
    double[] known = Arrays.stream(scores).filter(v -> !Double.isNaN(v)).toArray();
    if (known.length == 0 || name.equals("none")) {
      return scores.clone();
    }
    double sum = Arrays.stream(known).sum();
    double mean = sum / known.length;
    double least = Arrays.stream(known).min().orElseThrow();
    double most = Arrays.stream(known).max().orElseThrow();
    return switch (name) {
      case "mean" -> scaled(scores, 0, mean);
      case "sum" -> scaled(scores, 0, sum);
      case "max" -> scaled(scores, 0, most);
      case "l2" -> scaled(scores, 0, Math.sqrt(Arrays.stream(known).map(v -> v * v).sum()));
      case "standardization" -> scaled(scores, least, most - least + TINY);
      case "gaussian" -> scaled(scores, mean, deviation(known, mean) + TINY);
      case "sentinel" -> {
        Arrays.sort(known);
        yield scaled(
            scores, 0, Math.abs(known[(int) Math.floor(share * known.length + 1e-9)]) + TINY);
      }
      case "lamp" -> {
        if (least < 0) {
          throw new BadInput(
              "normalizer lamp is for scores of at least 0, found " + least + "; allowed: another");
        }
        yield lamp(scores);
      }
      default -> throw new IllegalStateException(name);
    };
  }

  private static double deviation(double[] known, double mean) {
    double squares = Arrays.stream(known).map(v -> (v - mean) * (v - mean)).sum();
    return known.length == 1 ? 0 : Math.sqrt(squares / (known.length - 1));
  }

  private static double[] scaled(double[] scores, double from, double divisor) {
    double size = Math.abs(divisor);
    return size == 0 ? scores.clone() : Arrays.stream(scores).map(v -> (v - from) / size).toArray();
  }

  /**
   * The sum runs from the largest down, so that no digits are lost to differences. Equal scores are
   * in each other's sum, so that they stay equal.
   */
  private static double[] lamp(double[] scores) {
    double[] ascending = Arrays.stream(scores).filter(v -> !Double.isNaN(v)).sorted().toArray();
    double[] notBelow = new double[ascending.length + 1];
    for (int i = ascending.length - 1; i >= 0; i--) {
      notBelow[i] = notBelow[i + 1] + ascending[i];
    }
    for (int i = 1; i < ascending.length; i++) {
      notBelow[i] = ascending[i] == ascending[i - 1] ? notBelow[i - 1] : notBelow[i];
    }
    return Arrays.stream(scores)
        .map(
            v -> {
              if (Double.isNaN(v)) {
                return v;
              }
              double sum = notBelow[Arrays.binarySearch(ascending, v)];
              return sum == 0 ? v : v / sum;
            })
        .toArray();
  }
}
