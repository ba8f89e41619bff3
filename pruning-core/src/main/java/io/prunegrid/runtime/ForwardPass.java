package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A model as it is, one operator after the other, with all of its outputs. Slower than {@link
 * InferenceSession}, which has one output and merges operators. For one thread at a time.
 */
public final class ForwardPass implements AutoCloseable {
  private final Engine engine;
  private final PtNDManager manager;
  private final ModelGraph graph;
  private final GraphRunner runner;
  private final Map<String, PtNDArray> parameters = new HashMap<>();

  ForwardPass(Engine engine, Model model) {
    this.engine = engine;
    this.manager = engine.newManager();
    this.graph = model.graph();
    this.runner = new GraphRunner(graph);
    Set<String> used = runner.parameters();
    model
        .weights()
        .asMap()
        .forEach(
            (name, tensor) -> {
              if (used.contains(name)) {
                parameters.put(name, Kernels.upload(manager, tensor));
              }
            });
  }

  /**
   * What the network computes.
   *
   * @param images {@code (n, input)}, at least that long
   * @param n number of inputs, at least 1
   * @return by output name {@code (n, output)}
   */
  public Map<String, float[]> outputs(float[] images, int n) {
    engine.enterThread();
    long[] input = graph.input().toLongs();
    long[] shape = new long[input.length + 1];
    shape[0] = n;
    System.arraycopy(input, 0, shape, 1, input.length);
    Map<String, float[]> outputs = new LinkedHashMap<>();
    try (PtNDManager step = manager.newSubManager(manager.getDevice())) {
      int length = Math.toIntExact(n * graph.input().size());
      float[] used = images.length == length ? images : java.util.Arrays.copyOf(images, length);
      PtNDArray batch = Kernels.upload(step, used, shape);
      Map<String, PtNDArray> results =
          runner.runAll(batch, parameters, GraphRunner.Mode.EVALUATION, GraphRunner.Hook.NONE);
      results.forEach((name, array) -> outputs.put(name, array.toFloatArray()));
    }
    return outputs;
  }

  @Override
  public void close() {
    manager.close();
  }
}
