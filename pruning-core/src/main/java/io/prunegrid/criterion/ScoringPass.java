package io.prunegrid.criterion;

import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Collector.Batch;
import io.prunegrid.criterion.Collector.Seen;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.runtime.ImagePass;
import io.prunegrid.runtime.Tap;
import io.prunegrid.runtime.WeightReading;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * One pass over images for one criterion or several: images are read, sent through the network and
 * differentiated once for all of them, and what several want is read once. Batches have a size that
 * depends on the network alone, so that a score is made the same way anywhere, and alone or with
 * others.
 */
public final class ScoringPass {
  /** Bytes of activations in a batch, gradients not counted. */
  private static final long BATCH_BYTES = 1L << 27;

  private static final int LARGEST_BATCH = 64;

  private ScoringPass() {}

  /**
   * One criterion's part in a pass.
   *
   * @param criterion one for which {@link #joins} says yes
   */
  public record Work(Criterion criterion, ScoringInput input) {}

  /** Whether a criterion can share a pass with others over the same network and images. */
  public static boolean joins(Criterion criterion) {
    return criterion instanceof ImageCriterion;
  }

  /**
   * Scores of several criteria that see the same images on the same network.
   *
   * @return in the order of the work
   * @throws BadInput where there is no image to score with, or images and network do not fit
   */
  public static List<Scores> run(List<Work> work) {
    return look(work).stream().map(Supplier::get).toList();
  }

  /**
   * Shows the images to several criteria and leaves the scores to be worked out one by one, so that
   * those of many criteria need not be in memory at once.
   *
   * @return in the order of the work; what each throws is its own criterion's
   * @throws BadInput where there is no image to score with, or images and network do not fit
   */
  public static List<Supplier<Scores>> look(List<Work> work) {
    return look(work, batchSize(work.get(0).input().model().graph()));
  }

  /** How many images a pass takes at once, at least 1: depends on the network alone. */
  public static int batchSize(ModelGraph graph) {
    long bytes =
        graph.nodes().stream().mapToLong(node -> 4 * graph.shape(node.name()).size()).sum();
    return (int) Math.max(1, Math.min(LARGEST_BATCH, BATCH_BYTES / bytes));
  }

  static List<Scores> run(List<Work> work, int batchSize) {
    return look(work, batchSize).stream().map(Supplier::get).toList();
  }

  private static List<Supplier<Scores>> look(List<Work> work, int batchSize) {
    ScoringInput first = work.get(0).input();
    String names = String.join(", ", work.stream().map(w -> w.criterion().name()).toList());
    for (Work each : work) {
      ScoringInput input = each.input();
      if (!input.model().graph().equals(first.model().graph())
          || !input.model().weights().equals(first.model().weights())
          || !input.samples().equals(first.samples())) {
        throw new IllegalArgumentException("a pass is over one network and the same images");
      }
      check(input, each.criterion());
    }
    Optional<Samples> shown = ((ImageCriterion) work.get(0).criterion()).shown(first);
    List<Collector> collectors = new ArrayList<>();
    Set<Tap> taps = new LinkedHashSet<>();
    Set<WeightReading> readings = new LinkedHashSet<>();
    for (Work each : work) {
      ImageCriterion criterion = (ImageCriterion) each.criterion();
      if (!each.equals(work.get(0)) && !criterion.shown(each.input()).equals(shown)) {
        throw new IllegalArgumentException("a pass shows the same images to all");
      }
      Collector collector = criterion.collector(each.input());
      collectors.add(collector);
      taps.addAll(collector.taps());
      readings.addAll(collector.weights());
    }
    Samples all = shown.orElseThrow();
    int limit = collectors.stream().mapToInt(Collector::limit).max().orElseThrow();
    Samples samples = limit < all.size() ? all.first(limit) : all;
    Seen seen;
    try (ImagePass pass = first.requiredEngine(names).images(first.model(), taps, readings)) {
      stream(pass, first.model(), samples, Math.min(batchSize, pass.largestBatch()), collectors);
      Map<WeightReading, Map<String, double[]>> sums = new EnumMap<>(WeightReading.class);
      readings.forEach(reading -> sums.put(reading, pass.sums(reading)));
      seen = new Seen(samples.size(), sums);
    }
    List<Supplier<Scores>> scores = new ArrayList<>();
    for (Collector collector : collectors) {
      scores.add(() -> collector.scores(seen));
    }
    return scores;
  }

  private static void stream(
      ImagePass pass, Model model, Samples samples, int batchSize, List<Collector> collectors) {
    int pixels = Math.toIntExact(model.graph().input().size());
    float[] images = new float[Math.min(batchSize, samples.size()) * pixels];
    for (int from = 0; from < samples.size(); from += batchSize) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancellationException("scoring was interrupted");
      }
      int n = Math.min(batchSize, samples.size() - from);
      int[] labels = new int[n];
      for (int i = 0; i < n; i++) {
        samples.copyImage(from + i, images, i * pixels);
        labels[i] = samples.label(from + i);
      }
      Batch batch = new Batch(n, labels, pass.run(images, n, labels));
      collectors.forEach(collector -> collector.add(batch));
    }
  }

  private static void check(ScoringInput input, Criterion criterion) {
    String name = criterion.name();
    Samples samples = input.requiredSamples(name);
    ModelGraph graph = input.model().graph();
    if (samples.isEmpty()) {
      throw new BadInput("method " + name + " has no image to score with");
    }
    if (!samples.imageShape().equals(graph.input())) {
      throw new BadInput(
          "method "
              + name
              + ": the images are "
              + samples.imageShape()
              + ", but the network reads "
              + graph.input());
    }
    if (graph.outputs().size() != 1) {
      throw new BadInput(
          "method "
              + name
              + " runs the network on images, but it has "
              + graph.outputs().size()
              + " outputs: "
              + String.join(", ", graph.outputs())
              + "; allowed: networks with one output");
    }
    if (criterion.needs().contains(Need.LABELS) && graph.shape(graph.output()).rank() != 1) {
      throw new BadInput(
          "method "
              + name
              + " looks at the images' classes, but the network's output has the shape "
              + graph.shape(graph.output())
              + "; allowed: networks with one number for each class");
    }
    long outputs = graph.shape(graph.output()).size();
    for (int i = 0; i < samples.size(); i++) {
      if (samples.label(i) >= outputs) {
        throw new BadInput(
            "method "
                + name
                + ": an image has the label "
                + samples.label(i)
                + ", but the network has "
                + outputs
                + " outputs");
      }
    }
  }
}
