package io.prunegrid.runtime;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How each image's own loss changes when a channel of a node's output is scaled: the node's output
 * is multiplied by {@code gate[n, c] = 1}, and {@code d loss_n / d gate[n, c]} is the sum over the
 * channel's positions of gradient times activation. The model is in evaluation mode and not folded,
 * so that every node computes what it computes in the original; the loss is cross-entropy. Summing
 * the images' losses before differentiating keeps them apart, so batches leave no trace. For one
 * thread at a time.
 */
public final class GateGradients implements AutoCloseable {
  private final Engine engine;
  private final PtNDManager manager;
  private final ModelGraph graph;
  private final GraphRunner runner;
  private final HostBatch batch;
  private final Set<String> nodes;
  private final Map<String, PtNDArray> parameters = new HashMap<>();

  GateGradients(Engine engine, Model model, List<String> nodes) {
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("gates need at least one node");
    }
    this.nodes = new LinkedHashSet<>(nodes);
    this.nodes.forEach(model.graph()::node);
    this.engine = engine;
    this.graph = model.graph();
    this.manager = engine.newManager();
    this.runner = new GraphRunner(model.graph());
    this.batch = new HostBatch(model.graph().input(), engine.order(), ImageCounts.Purpose.SCORING);
    model
        .weights()
        .asMap()
        .forEach((name, tensor) -> parameters.put(name, Kernels.upload(manager, tensor)));
  }

  /**
   * The gradients of a batch.
   *
   * @param images {@code (n, channel, height, width)}, at least that long
   * @param labels each image's output index
   * @return by node {@code (n, channels)}; zeros for a node that no output depends on
   */
  public Map<String, float[]> run(float[] images, int n, int[] labels) {
    engine.enterThread();
    try (PtNDManager step = manager.newSubManager(manager.getDevice())) {
      PtNDArray input = batch.upload(step, images, 0, n);
      Gates gates = new Gates(step, n);
      JniUtils.setGradMode(true);
      try {
        PtNDArray logits = runner.run(input, parameters, GraphRunner.Mode.EVALUATION, gates);
        PtNDArray losses = Kernels.crossEntropies(logits, labels, n);
        PtNDArray loss = JniUtils.sum(losses);
        PtNDArray one = Staging.scalar(step, 1);
        JniUtils.backward(loss, one, false, false);
      } finally {
        JniUtils.setGradMode(false);
      }
      return gates.gradients();
    }
  }

  @Override
  public void close() {
    manager.close();
  }

  /** One leaf of ones for each node. */
  private final class Gates implements GraphRunner.Hook {
    private final PtNDManager step;
    private final int n;
    private final Map<String, PtNDArray> leaves = new HashMap<>();

    Gates(PtNDManager step, int n) {
      this.step = step;
      this.n = n;
    }

    @Override
    public PtNDArray output(Node node, PtNDArray output) {
      if (!nodes.contains(node.name())) {
        return output;
      }
      long[] shape = output.getShape().getShape().clone();
      Arrays.fill(shape, 2, shape.length, 1);
      PtNDArray gate = (PtNDArray) step.ones(new Shape(shape), DataType.FLOAT32);
      JniUtils.attachGradient(gate, true);
      leaves.put(node.name(), gate);
      try (output) {
        return JniUtils.mul(output, gate);
      }
    }

    Map<String, float[]> gradients() {
      Map<String, float[]> gradients = new LinkedHashMap<>();
      for (String name : nodes) {
        PtNDArray leaf = leaves.get(name);
        if (leaf == null) {
          gradients.put(name, new float[n * graph.shape(name).channels()]);
          continue;
        }
        try (PtNDArray gradient = JniUtils.getGradient(leaf)) {
          gradients.put(name, gradient.toFloatArray());
        }
      }
      return gradients;
    }
  }
}
