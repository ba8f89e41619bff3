package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.runtime.Reading.Amount;
import io.prunegrid.runtime.Reading.Relevance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Shows images to a network batch by batch and reads off what was asked for: one forward pass for
 * all taps, one backward pass where any of them needs gradients, and one propagation for each set
 * of relevance rules. Nothing is kept of a batch but sums over weights, so that memory does not
 * grow with the images. Evaluation mode; batch norm is not folded, so that every node computes what
 * it computes in the original. For one thread at a time.
 */
public final class ImagePass implements AutoCloseable {
  private final Engine engine;
  private final PtNDManager manager;
  private final ModelGraph graph;
  private final GraphRunner runner;
  private final HostBatch batch;
  private final Set<Tap> taps;
  private final boolean runs;
  private final boolean differentiates;
  private final WeightSums weights;
  private final Map<String, PtNDArray> parameters = new HashMap<>();
  private final Map<RelevanceRules, RelevancePass> relevance = new LinkedHashMap<>();

  ImagePass(Engine engine, Model model, Set<Tap> taps, Set<WeightReading> weights) {
    if (taps.isEmpty() && weights.isEmpty()) {
      throw new IllegalArgumentException("a pass over images reads at least one thing");
    }
    this.engine = engine;
    this.graph = model.graph();
    this.taps = new LinkedHashSet<>(taps);
    this.taps.forEach(tap -> graph.node(tap.node()));
    this.manager = engine.newManager();
    this.runner = new GraphRunner(graph);
    this.batch = new HostBatch(graph.input(), engine.order(), ImageCounts.Purpose.SCORING);
    boolean plain = taps.stream().anyMatch(tap -> !(tap.reading() instanceof Relevance));
    this.runs = plain || !weights.isEmpty();
    this.differentiates =
        !weights.isEmpty() || taps.stream().anyMatch(tap -> tap.reading().needsGradients());
    if (runs) {
      model
          .weights()
          .asMap()
          .forEach((name, tensor) -> parameters.put(name, Kernels.upload(manager, tensor)));
    }
    this.weights = new WeightSums(manager, graph, runner.parameters(), parameters, weights, engine);
    for (Tap tap : taps) {
      if (tap.reading() instanceof Relevance reading) {
        relevance.computeIfAbsent(
            reading.rules(), rules -> new RelevancePass(manager, model, rules));
      }
    }
  }

  /**
   * Reads a batch.
   *
   * @param images {@code (n, channel, height, width)}, at least that long
   * @param labels each image's output index; looked at where gradients or relevance are read
   * @return by tap {@code (n, channels)}; zeros for a node that no output depends on
   */
  public Map<Tap, float[]> run(float[] images, int n, int[] labels) {
    engine.enterThread();
    Map<Tap, float[]> values = new HashMap<>();
    try (PtNDManager step = manager.newSubManager(manager.getDevice())) {
      PtNDArray input = batch.upload(step, images, 0, n);
      if (runs) {
        run(step, input, n, labels, values);
      }
      relevance.forEach((rules, pass) -> propagate(step, input, labels, rules, pass, values));
    }
    for (Tap tap : taps) {
      values.computeIfAbsent(tap, t -> new float[n * graph.shape(t.node()).dim(t.axis())]);
    }
    return values;
  }

  private void run(
      PtNDManager step, PtNDArray input, int n, int[] labels, Map<Tap, float[]> values) {
    TapHook hook = new TapHook(step, taps, weights, differentiates);
    hook.input(graph, input);
    if (!differentiates) {
      runner.run(input, parameters, GraphRunner.Mode.EVALUATION, hook).close();
    } else {
      JniUtils.setGradMode(true);
      try {
        PtNDArray logits = runner.run(input, parameters, GraphRunner.Mode.EVALUATION, hook);
        PtNDArray losses = Kernels.crossEntropies(logits, labels, n);
        JniUtils.backward(JniUtils.sum(losses), Staging.scalar(step, 1), false, false);
      } finally {
        JniUtils.setGradMode(false);
      }
      weights.add(hook);
    }
    hook.values(values);
  }

  private void propagate(
      PtNDManager step,
      PtNDArray input,
      int[] labels,
      RelevanceRules rules,
      RelevancePass pass,
      Map<Tap, float[]> values) {
    Map<String, List<Tap>> wanted = new LinkedHashMap<>();
    for (Tap tap : taps) {
      if (tap.reading() instanceof Relevance reading && reading.rules().equals(rules)) {
        wanted.computeIfAbsent(tap.node(), node -> new ArrayList<>()).add(tap);
      }
    }
    pass.run(
        step,
        input,
        labels,
        wanted.keySet(),
        (node, found) -> {
          for (Tap tap : wanted.getOrDefault(node, List.of())) {
            boolean signed = ((Relevance) tap.reading()).amount() == Amount.SIGNED;
            values.put(
                tap,
                signed
                    ? Reductions.sum(found, tap.axis())
                    : Reductions.absoluteSum(found, tap.axis()));
          }
        });
  }

  /** How many images at a time, at most, so that all that is asked for can be read. */
  public int largestBatch() {
    return weights.largestBatch();
  }

  /**
   * What the images so far added up to, one number for each trainable value in its parameter's
   * order; only for readings that the pass was opened with.
   */
  public Map<String, double[]> sums(WeightReading reading) {
    engine.enterThread();
    return weights.sums(reading);
  }

  /** Number of taps by what they read, for people. */
  @Override
  public String toString() {
    return taps.stream()
        .map(tap -> tap.reading().getClass().getSimpleName())
        .collect(Collectors.groupingBy(name -> name, Collectors.counting()))
        .toString();
  }

  @Override
  public void close() {
    manager.close();
  }
}
