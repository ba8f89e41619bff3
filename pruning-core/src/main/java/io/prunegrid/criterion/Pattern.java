package io.prunegrid.criterion;

import io.prunegrid.channel.Selection;
import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.criterion.Parameter.Decimal;
import io.prunegrid.criterion.Parameter.Numbers;
import io.prunegrid.graph.Tensor;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A mask that a rule fixes, whatever the ratio: every other entry of a tensor goes, from the first
 * on; or of every {@code of} input channels in a row, the {@code keep} largest entries stay (2:4
 * for sparse tensor cores; Mishra et al. 2021, Accelerating Sparse Deep Neural Networks).
 */
final class Pattern extends WeightCriterion {
  private static final String KEEP = "keep";
  private static final String OF = "of";

  Pattern() {
    super(
        "pattern",
        1,
        "a fixed rule for single weights, whatever the ratio; masks weights; needs no data");
    takes(
        new Choice(
            "rule",
            "largest",
            List.of("largest", "every-other"),
            "the largest of every few entries stay, or every other entry goes"),
        new Decimal(KEEP, "2", 1, 1 << 20, Numbers.WHOLE, "how many of them stay"),
        new Decimal(OF, "4", 2, 1 << 20, Numbers.WHOLE, "how many entries make a few"));
    takesParts();
  }

  @Override
  public List<Refusal> contradictions(Map<String, String> resolved) {
    String keep = resolved.get(KEEP);
    String of = resolved.get(OF);
    return keep != null && of != null && Integer.parseInt(keep) >= Integer.parseInt(of)
        ? List.of(
            new Refusal(
                List.of(KEEP, OF),
                "keep is " + keep + " of " + of + ", so that nothing would go; allowed: fewer"))
        : List.of();
  }

  @Override
  public Selection.Rule rule(Map<String, String> parameters) {
    return Selection.Rule.BELOW_ONE;
  }

  @Override
  public Scores score(ScoringInput input) {
    boolean largest = input.parameter("rule").equals("largest");
    int keep = Integer.parseInt(input.parameter(KEEP));
    int of = Integer.parseInt(input.parameter(OF));
    return ranked(
        input,
        (place, block) -> {
          Tensor weights = input.model().weights().get(place.name());
          double[] stays = new double[weights.size()];
          if (largest) {
            keepLargest(weights, stays, keep, of);
          } else {
            for (int i = 1; i < stays.length; i += 2) {
              stays[i] = 1;
            }
          }
          return stays;
        });
  }

  /** Few are entries of one output and kernel position, of input channels in a row. */
  private static void keepLargest(Tensor weights, double[] stays, int keep, int of) {
    int rank = weights.shape().rank();
    int channels = rank == 1 ? weights.size() : weights.shape().dim(1);
    int rows = rank == 1 ? 1 : weights.shape().dim(0);
    int area = weights.size() / rows / channels;
    for (int row = 0; row < rows; row++) {
      for (int position = 0; position < area; position++) {
        for (int start = 0; start < channels; start += of) {
          int base = (row * channels + start) * area + position;
          IntStream.range(0, Math.min(of, channels - start))
              .mapToObj(i -> base + i * area)
              .sorted(Comparator.comparingDouble(i -> -Math.abs(weights.at(i))))
              .limit(keep)
              .forEach(i -> stays[i] = 1);
        }
      }
    }
  }
}
