package io.prunegrid.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.Shape;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.ForwardPass;
import io.prunegrid.zoo.Procedural;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Compares what a network computes with what PyTorch computed. */
public final class RecordedLogits {
  private RecordedLogits() {}

  /**
   * Asserts that the first generated image gives the recorded outputs.
   *
   * @param tolerance share of the largest value
   * @return how many outputs were compared
   */
  public static int assertSame(
      String what, Engine engine, Model model, PruningOracle.Recorded recorded, double tolerance) {
    List<Integer> batch = new ArrayList<>(List.of(1));
    batch.addAll(model.graph().input().dims());
    try (ForwardPass pass = engine.forwardPass(model)) {
      Map<String, float[]> outputs =
          pass.outputs(Procedural.input(0, new Shape(batch)).toArray(), 1);
      List<float[]> values = List.copyOf(outputs.values());
      assertSame(what, values, recorded, tolerance);
      List<PruningOracle.Recorded> each = recorded.outputs();
      for (int i = 0; i < each.size(); i++) {
        assertSame(what + " output " + i, List.of(values.get(i)), each.get(i), tolerance);
      }
      assertThat(values).hasSize(Math.max(1, each.size()));
      return values.size();
    }
  }

  private static void assertSame(
      String what, List<float[]> outputs, PruningOracle.Recorded recorded, double tolerance) {
    double largest = 0;
    double sum = 0;
    double squares = 0;
    long count = 0;
    for (float[] output : outputs) {
      for (float value : output) {
        largest = Math.max(largest, Math.abs(value));
        sum += value;
        squares += (double) value * value;
        count++;
      }
    }
    double[] first = recorded.firstLogits();
    for (int i = 0; i < first.length; i++) {
      assertThat((double) outputs.get(0)[i])
          .as("%s logit %d", what, i)
          .isCloseTo(first[i], within(tolerance * largest));
    }
    double length = recorded.length();
    assertThat(Math.sqrt(squares))
        .as("%s length", what)
        .isCloseTo(length, within(tolerance * length));
    assertThat(sum)
        .as("%s sum", what)
        .isCloseTo(recorded.sum(), within(tolerance * length * Math.sqrt((double) count)));
  }
}
