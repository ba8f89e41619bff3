package io.prunegrid.criterion;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.runtime.GateGradients;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;

/**
 * How much the loss would change to first order if a channel were silenced: per image {@code |sum
 * over positions of gradient x activation|} of a convolution's or linear layer's own output, mean
 * over the images (Molchanov et al. 2017; read as TorchPruner does, before batch norm and
 * nonlinearity and with a sum over positions). Each image has its own cross-entropy loss and images
 * are summed in double, in order, so that batches leave no trace. Evaluation mode.
 *
 * <p>A class of coupled channels gets the mean over the layers that produce it. In global scope
 * each layer's scores are first divided by the root of their squares.
 */
final class Taylor implements Criterion {
  /** Bytes of activations in a batch, gradients not counted. */
  private static final long BATCH_BYTES = 1L << 27;

  private static final int LARGEST_BATCH = 64;

  @Override
  public String name() {
    return "taylor";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public String summary() {
    return "first-order effect on the loss of silencing each channel, on the images of the subset";
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.SAMPLES, Need.LABELS, Need.ENGINE);
  }

  @Override
  public Scores score(ScoringInput input) {
    return score(input, batchSize(input.model().graph()));
  }

  /** A number that depends on the network alone, so that a score is made the same way anywhere. */
  static int batchSize(ModelGraph graph) {
    long bytes =
        graph.nodes().stream().mapToLong(node -> 4 * graph.shape(node.name()).size()).sum();
    return (int) Math.max(1, Math.min(LARGEST_BATCH, BATCH_BYTES / bytes));
  }

  Scores score(ScoringInput input, int batchSize) {
    ModelGraph graph = input.model().graph();
    Samples samples = input.requiredSamples(name());
    check(samples, graph);
    // a module that is used in several places has an output in each
    List<Node> nodes = graph.nodes().stream().filter(node -> Layers.isProducer(node.op())).toList();
    Map<String, double[]> sums = new LinkedHashMap<>();
    for (Node node : nodes) {
      sums.put(node.module(), new double[graph.shape(node.name()).channels()]);
    }
    int pixels = Math.toIntExact(graph.input().size());
    float[] images = new float[Math.min(batchSize, samples.size()) * pixels];
    int[] labels = new int[Math.min(batchSize, samples.size())];
    try (GateGradients gates =
        input
            .requiredEngine(name())
            .gateGradients(input.model(), nodes.stream().map(Node::name).toList())) {
      for (int first = 0; first < samples.size(); first += batchSize) {
        if (Thread.currentThread().isInterrupted()) {
          throw new CancellationException("scoring was interrupted");
        }
        int n = Math.min(batchSize, samples.size() - first);
        for (int i = 0; i < n; i++) {
          samples.copyImage(first + i, images, i * pixels);
          labels[i] = samples.label(first + i);
        }
        addSizes(sums, nodes, gates.run(images, n, labels), n);
      }
    }
    sums.forEach(
        (layer, values) -> {
          for (int channel = 0; channel < values.length; channel++) {
            values[channel] =
                Layers.requireFinite(
                    values[channel] / samples.size(),
                    name(),
                    "channel " + channel + " of " + layer);
          }
        });
    return new LayerScores(sums);
  }

  private static void addSizes(
      Map<String, double[]> sums, List<Node> nodes, Map<String, float[]> gradients, int n) {
    Map<String, double[]> effects = new LinkedHashMap<>();
    for (Node node : nodes) {
      float[] gradient = gradients.get(node.name());
      double[] effect =
          effects.computeIfAbsent(node.module(), module -> new double[gradient.length]);
      for (int i = 0; i < effect.length; i++) {
        effect[i] += gradient[i];
      }
    }
    effects.forEach(
        (module, effect) -> {
          double[] sum = sums.get(module);
          for (int i = 0; i < n * sum.length; i++) {
            sum[i % sum.length] += Math.abs(effect[i]);
          }
        });
  }

  private void check(Samples samples, ModelGraph graph) {
    if (samples.isEmpty()) {
      throw new BadInput("method " + name() + " has no image to score with");
    }
    if (!samples.imageShape().equals(graph.input())) {
      throw new BadInput(
          "method "
              + name()
              + ": the images are "
              + samples.imageShape()
              + ", but the network reads "
              + graph.input());
    }
    long outputs = graph.shape(graph.output()).size();
    for (int i = 0; i < samples.size(); i++) {
      if (samples.label(i) >= outputs) {
        throw new BadInput(
            "method "
                + name()
                + ": an image has the label "
                + samples.label(i)
                + ", but the network has "
                + outputs
                + " outputs");
      }
    }
  }

  @Override
  public double[] classScores(Scores scores, CoupledChannels channels, SelectionConfig config) {
    LayerScores layers = (LayerScores) scores;
    return ClassMeans.over(
        config.scope() == Scope.GLOBAL ? ClassMeans.dividedByLength(layers) : layers,
        channels,
        config);
  }
}
