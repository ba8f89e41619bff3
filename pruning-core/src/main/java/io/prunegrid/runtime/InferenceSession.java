package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.prunegrid.graph.BatchNormFolding;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Shape;
import java.util.HashMap;
import java.util.Map;

/** A model being evaluated: batch norm folded, dropout left out. For one thread at a time. */
public final class InferenceSession implements AutoCloseable {
  private final Engine engine;
  private final PtNDManager manager;
  private final GraphRunner runner;
  private final HostBatch batch;
  private final Shape output;
  private final Map<String, PtNDArray> parameters = new HashMap<>();

  InferenceSession(Engine engine, Model model) {
    this.engine = engine;
    this.manager = engine.newManager();
    Model folded = BatchNormFolding.fold(model);
    this.runner = new GraphRunner(folded.graph());
    this.batch = new HostBatch(folded.graph().input());
    this.output = folded.graph().shape(folded.graph().output());
    folded
        .weights()
        .asMap()
        .forEach((name, tensor) -> parameters.put(name, Kernels.upload(manager, tensor)));
  }

  /** Shape of one image's output, {@code (classes)} for a classifier. */
  public Shape outputShape() {
    return output;
  }

  /**
   * The network's output.
   *
   * @param images {@code (n, channel, height, width)}, at least that long
   * @param n number of images, at least 1
   * @return {@code (n, output)}, for a classifier one row of logits an image
   */
  public float[] logits(float[] images, int n) {
    engine.enterThread();
    try (PtNDManager step = manager.newSubManager(manager.getDevice())) {
      PtNDArray input = batch.upload(step, images, n);
      return runner
          .run(input, parameters, GraphRunner.Mode.EVALUATION, GraphRunner.Hook.NONE)
          .toFloatArray();
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
