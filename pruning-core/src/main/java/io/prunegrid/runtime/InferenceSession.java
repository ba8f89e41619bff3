package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.prunegrid.graph.BatchNormFolding;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import java.util.HashMap;
import java.util.Map;

/**
 * A model being evaluated: batch norm folded, dropout left out, and on the CPU convolutions fused
 * with what follows them. For one thread at a time.
 */
public final class InferenceSession implements AutoCloseable {
  // a batch whose largest activation fits into a processor's cache runs fastest
  private static final long LARGEST_ACTIVATION = 1 << 20;
  private static final int SMALLEST_BATCH = 8;
  private static final int LARGEST_BATCH = 256;

  private final Engine engine;
  private final PtNDManager manager;
  private final GraphRunner plain;
  private final FusedRunner fused;
  private final HostBatch host;
  private final Shape output;
  private final int batch;
  private final Map<String, PtNDArray> parameters = new HashMap<>();

  InferenceSession(Engine engine, Model model, int batch) {
    this.engine = engine;
    this.manager = engine.newManager();
    Model folded = BatchNormFolding.fold(model);
    ModelGraph graph = folded.graph();
    this.output = graph.shape(graph.output());
    this.batch = batch;
    folded
        .weights()
        .asMap()
        .forEach((name, tensor) -> parameters.put(name, Kernels.upload(manager, tensor)));
    this.host = new HostBatch(graph.input(), engine.order(), ImageCounts.Purpose.EVALUATION);
    this.plain = engine.onCpu() ? null : new GraphRunner(graph);
    this.fused =
        engine.onCpu()
            ? new FusedRunner(manager, engine.fusedKernels(), folded, parameters, batch)
            : null;
  }

  /** The number of images at a time that runs a network fastest. */
  static int batch(ModelGraph graph) {
    long largest =
        graph.nodes().stream().mapToLong(node -> graph.shape(node.name()).size()).max().orElse(1);
    return (int) Math.max(SMALLEST_BATCH, Math.min(LARGEST_BATCH, LARGEST_ACTIVATION / largest));
  }

  /** Shape of one image's output, {@code (classes)} for a classifier. */
  public Shape outputShape() {
    return output;
  }

  /** Number of images that the session works on at a time. */
  public int batch() {
    return batch;
  }

  /**
   * The network's output.
   *
   * @param images {@code (n, channel, height, width)}, at least that long
   * @param n number of images, at least 1; best a multiple of {@link #batch}
   * @return {@code (n, output)}, for a classifier one row of logits an image
   */
  public float[] logits(float[] images, int n) {
    engine.enterThread();
    int size = Math.toIntExact(output.size());
    float[] logits = new float[Math.multiplyExact(n, size)];
    for (int first = 0; first < n; first += batch) {
      int count = Math.min(batch, n - first);
      try (PtNDManager step = manager.newSubManager(manager.getDevice())) {
        PtNDArray input = host.upload(step, images, first, count);
        PtNDArray result =
            fused == null
                ? plain.run(input, parameters, GraphRunner.Mode.EVALUATION, GraphRunner.Hook.NONE)
                : fused.run(step, input);
        System.arraycopy(result.toFloatArray(), 0, logits, first * size, count * size);
      }
    }
    return logits;
  }

  @Override
  public void close() {
    if (fused != null) {
      fused.close();
    }
    manager.close();
  }
}
