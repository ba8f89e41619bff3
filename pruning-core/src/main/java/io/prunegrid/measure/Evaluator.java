package io.prunegrid.measure;

import io.prunegrid.common.Interruption;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.InferenceSession;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/** Counts right answers. */
public final class Evaluator {
  private static final int TOP = 5;

  private Evaluator() {}

  /**
   * Classifies every image. An image's right output is the one its target names: its original label
   * while the head is whole, the position in the subset where samples are remapped.
   *
   * @throws IllegalArgumentException when the images have another shape than the model's input, or
   *     a target is none of its outputs
   * @throws java.util.concurrent.CancellationException when the thread is interrupted
   */
  public static Evaluation evaluate(Engine engine, Model model, Samples samples) {
    if (!samples.imageShape().equals(model.graph().input())) {
      throw new IllegalArgumentException(
          "images are " + samples.imageShape() + ", the model reads " + model.graph().input());
    }
    int length = Math.toIntExact(samples.imageShape().size());
    Counter counter = new Counter(samples);
    long start = System.nanoTime();
    try (InferenceSession session = engine.inference(model)) {
      int outputs = Math.toIntExact(session.outputShape().size());
      int batch = even(session.batch(), samples.size());
      float[] images = new float[Math.min(batch, samples.size()) * length];
      for (int first = 0; first < samples.size(); first += batch) {
        Interruption.check("evaluation");
        int n = Math.min(batch, samples.size() - first);
        for (int i = 0; i < n; i++) {
          samples.copyImage(first + i, images, i * length);
        }
        float[] logits = session.logits(images, n);
        for (int i = 0; i < n; i++) {
          counter.add(first + i, logits, i * outputs, outputs);
        }
      }
      return counter.result(outputs, (System.nanoTime() - start) / 1e9);
    }
  }

  /**
   * A batch size near the best one that leaves no smaller last batch, where there is one: kernels
   * are made for a size when they first see it.
   */
  private static int even(int best, int n) {
    for (int batch = best; batch > best * 3 / 4; batch--) {
      if (n % batch == 0) {
        return batch;
      }
    }
    return best;
  }

  /**
   * How many outputs come before the target's when the largest come first, equal ones in order. A
   * row that holds something else than numbers has no largest: its target comes last.
   */
  private static int rank(float[] logits, int offset, int outputs, int target) {
    float own = logits[offset + target];
    int before = 0;
    for (int i = 0; i < outputs; i++) {
      float other = logits[offset + i];
      if (Float.isNaN(other)) {
        return outputs;
      }
      if (other > own || (other == own && i < target)) {
        before++;
      }
    }
    return before;
  }

  /** Sums up one evaluation. */
  private static final class Counter {
    private final Samples samples;
    private final int[] n;
    private final int[] correct;
    private int correctTop;

    Counter(Samples samples) {
      this.samples = samples;
      this.n = new int[samples.classes()];
      this.correct = new int[samples.classes()];
    }

    void add(int sample, float[] logits, int offset, int outputs) {
      int target = samples.label(sample);
      if (target >= outputs) {
        throw new IllegalArgumentException(
            "target " + target + " is none of the model's " + outputs + " outputs");
      }
      int rank = rank(logits, offset, outputs, target);
      n[target]++;
      correct[target] += rank == 0 ? 1 : 0;
      correctTop += rank < TOP && rank < outputs ? 1 : 0;
    }

    Evaluation result(int outputs, double seconds) {
      List<ClassAccuracy> perClass = new ArrayList<>();
      int right = 0;
      for (int target = 0; target < n.length; target++) {
        right += correct[target];
        if (n[target] > 0) {
          perClass.add(
              new ClassAccuracy(samples.originalClass(target), n[target], correct[target]));
        }
      }
      perClass.sort(Comparator.comparingInt(ClassAccuracy::classIndex));
      return new Evaluation(
          samples.size(),
          right,
          outputs > TOP ? OptionalInt.of(correctTop) : OptionalInt.empty(),
          perClass,
          seconds);
    }
  }
}
