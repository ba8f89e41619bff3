package io.prunegrid.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.channel.CoupledChannels;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Compares scores with those that Torch-Pruning recorded, in the digits that float leaves it. */
public final class RecordedScores {
  private RecordedScores() {}

  /**
   * Recorded scores by class, the mean over the root's channels where groups must stay equal.
   *
   * @param byRoot one score for each of the root's output channels
   */
  public static Map<Integer, Double> byClass(
      CoupledChannels channels, Map<String, double[]> byRoot) {
    Map<Integer, Double> scores = new LinkedHashMap<>();
    byRoot.forEach(
        (root, values) -> {
          int[] ids = channels.outClasses(root);
          assertThat(values).as(root).hasSameSizeAs(ids);
          Map<Integer, Integer> counts = new LinkedHashMap<>();
          for (int i = 0; i < ids.length; i++) {
            counts.merge(ids[i], 1, Integer::sum);
            scores.merge(ids[i], values[i], Double::sum);
          }
          counts.forEach((id, count) -> scores.computeIfPresent(id, (key, sum) -> sum / count));
        });
    return scores;
  }

  /**
   * Asserts that scores are those recorded.
   *
   * @param scores by class
   * @param plain the same before they are normalized
   * @return how many were compared
   */
  public static long assertSame(
      CoupledChannels channels,
      double[] scores,
      double[] plain,
      Map<String, double[]> byRoot,
      String importance) {
    long compared = 0;
    for (Map.Entry<String, double[]> root : byRoot.entrySet()) {
      double largest = Arrays.stream(root.getValue()).map(Math::abs).max().orElseThrow();
      Map<Integer, Double> recorded = byClass(channels, Map.of(root.getKey(), root.getValue()));
      for (Map.Entry<Integer, Double> entry : recorded.entrySet()) {
        double expected = entry.getValue();
        double allowed =
            importance.equals("lamp")
                ? lamp(expected, twins(plain, recorded, entry.getKey()))
                : tolerance(importance)
                    * Math.max(Math.abs(expected), cancels(importance) ? largest : 0);
        assertThat(scores[entry.getKey()])
            .as("%s %s class %d", importance, root.getKey(), entry.getKey())
            .isCloseTo(expected, within(allowed));
        compared++;
      }
    }
    return compared;
  }

  /**
   * The reference subtracts a running sum in float, which hurts most at the end; and of nearly
   * equal scores either may come first, and then is or is not in the other's sum.
   */
  private static double lamp(double expected, long twins) {
    double share = twins * expected;
    return ((expected > 0.3 ? 1e-2 : 1e-4) + share / Math.max(0.5, 1 - share)) * expected;
  }

  /** How many other classes of a bundle score the same but for rounding. */
  private static long twins(double[] plain, Map<Integer, Double> bundle, int id) {
    double own = plain[id];
    return bundle.keySet().stream().filter(o -> Math.abs(plain[o] - own) < 2e-6 * own).count() - 1;
  }

  /** The reference loses digits in float: where vectors are far from zero, where signs cancel. */
  private static double tolerance(String importance) {
    return switch (importance) {
      case "fpgm" -> 1e-4;
      case "taylor_multivariable" -> 3e-5;
      default -> 1e-5;
    };
  }

  /** Sums of both signs, and normalizers that subtract, lose digits. */
  private static boolean cancels(String importance) {
    return importance.contains("standarization")
        || importance.contains("gaussian")
        || importance.contains("multivariable");
  }
}
