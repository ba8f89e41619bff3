package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model being trained: parameters, optimizer state and running statistics live on the device.
 * Batch norm uses the batch's statistics and updates the running ones as torch does; all parameters
 * decay. For one thread at a time.
 */
public final class TrainingSession implements AutoCloseable {
  private final Engine engine;
  private final PtNDManager manager;
  private final Model initial;
  private final WidthPadding padding;
  private final GraphRunner runner;
  private final HostBatch batch;
  private final FlatParameters parameters;
  private final UpdateRule rule;
  private final Map<String, PtNDArray> constants = new LinkedHashMap<>();
  private final Draws draws;

  TrainingSession(Engine engine, Model model, Optimizer optimizer, TrainingMasks masks, long seed) {
    masks.check(model);
    this.engine = engine;
    this.manager = engine.newManager();
    this.padding = engine.onCpu() ? new WidthPadding(model.graph()) : null;
    this.initial = padding == null ? model : padding.widen(model);
    ModelGraph graph = initial.graph();
    this.runner = new GraphRunner(graph);
    this.batch = new HostBatch(graph.input(), engine.order(), ImageCounts.Purpose.TRAINING);
    this.parameters =
        new FlatParameters(
            manager,
            initial,
            runner.parameters(),
            padding == null ? masks.weights() : padding.widen(masks.weights(), 0));
    this.rule = UpdateRule.of(optimizer, manager, parameters);
    // what is added to a network to widen it is not drawn for
    BackwardMasks backward =
        padding == null
            ? masks.backward()
            : new BackwardMasks(
                padding.widen(masks.backward().masks(), 1), masks.backward().chance());
    this.draws = new Draws(seed, new BackwardMasking(manager, graph, backward, seed));
    graph
        .parameters()
        .forEach(
            (name, spec) -> {
              if (spec.role().isBuffer() && runner.parameters().contains(name)) {
                constants.put(name, Kernels.upload(manager, initial.weights().get(name)));
              }
            });
  }

  /**
   * One step of the optimizer on the mean cross-entropy of a batch.
   *
   * @param images {@code (n, channel, height, width)}, at least that long
   * @param labels each image's output index
   * @param lr learning rate of this step
   * @return the loss before the step
   */
  public double step(float[] images, int n, int[] labels, double lr) {
    engine.enterThread();
    try (PtNDManager step = manager.newSubManager(manager.getDevice())) {
      PtNDArray input = batch.upload(step, images, 0, n);
      Map<String, PtNDArray> leaves = parameters.leaves(step);
      Map<String, PtNDArray> all = new HashMap<>(constants);
      all.putAll(leaves);
      PtNDArray loss;
      JniUtils.setGradMode(true);
      try {
        PtNDArray logits = runner.run(input, all, GraphRunner.Mode.TRAINING, draws);
        loss = JniUtils.mean(Kernels.crossEntropies(logits, labels, n));
        JniUtils.backward(loss, Staging.scalar(step, 1), false, false);
      } finally {
        JniUtils.setGradMode(false);
      }
      rule.update(parameters, parameters.gradient(leaves), lr);
      return loss.toFloatArray()[0];
    }
  }

  /** The model as it is now, in host memory. */
  public Model model() {
    engine.enterThread();
    Map<String, Tensor> tensors = new LinkedHashMap<>(initial.weights().asMap());
    tensors.putAll(parameters.download());
    constants.forEach(
        (name, array) ->
            tensors.put(name, Tensor.wrap(tensors.get(name).shape(), array.toFloatArray())));
    Weights weights = new Weights(tensors);
    return padding == null ? new Model(initial.graph(), weights) : padding.narrow(weights);
  }

  @Override
  public void close() {
    manager.close();
  }

  /** Draws dropout in host memory, a named stream for each node; masks gradients of inputs. */
  private static final class Draws implements GraphRunner.Hook {
    private final long seed;
    private final BackwardMasking masking;
    private final Map<String, SplitMix64> streams = new HashMap<>();

    Draws(long seed, BackwardMasking masking) {
      this.seed = seed;
      this.masking = masking;
    }

    @Override
    public PtNDArray convolution(
        Node node, Op.Conv2d op, PtNDArray x, Map<String, PtNDArray> parameters) {
      return masking.convolution(node, op, x, parameters);
    }

    @Override
    public PtNDArray dropout(Node node, Op.Dropout dropout, PtNDArray x) {
      return drop(node, dropout.p(), x, x.getShape().getShape());
    }

    @Override
    public PtNDArray stochasticDepth(Node node, ElementOp.StochasticDepth depth, PtNDArray x) {
      long[] samples = new long[x.getShape().dimension()];
      Arrays.fill(samples, 1);
      samples[0] = x.getShape().get(0);
      return drop(node, depth.p(), x, samples);
    }

    private PtNDArray drop(Node node, double p, PtNDArray x, long[] shape) {
      SplitMix64 stream =
          streams.computeIfAbsent(node.name(), name -> SplitMix64.stream(seed, "dropout/" + name));
      float scale = (float) (1 / (1 - p));
      float[] factors =
          new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
      for (int i = 0; i < factors.length; i++) {
        factors[i] = stream.nextDouble() < p ? 0 : scale;
      }
      try (PtNDArray mask = Kernels.upload(x.getManager(), factors, shape)) {
        return JniUtils.mul(x, mask);
      }
    }
  }
}
