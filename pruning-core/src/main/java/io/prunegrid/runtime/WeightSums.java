package io.prunegrid.runtime;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Sums over images of gradients of weights and of their squares, in double on the device. */
final class WeightSums {
  private final PtNDManager manager;
  private final Map<String, PtNDArray> parameters;
  private final Map<WeightReading, Map<String, PtNDArray>> sums = new HashMap<>();
  private final Map<String, List<Node>> modules = new LinkedHashMap<>();
  private final Set<String> watched = new LinkedHashSet<>();

  /** Parameters whose squares are taken of whole gradients, image by image. */
  private final Set<String> alone = new HashSet<>();

  private final SampleGradients samples;

  WeightSums(
      PtNDManager manager,
      ModelGraph graph,
      Set<String> reached,
      Map<String, PtNDArray> parameters,
      Set<WeightReading> readings,
      Engine engine) {
    this.manager = manager;
    this.parameters = parameters;
    for (WeightReading reading : readings) {
      sums.put(reading, new LinkedHashMap<>());
    }
    for (Map.Entry<String, ParameterSpec> entry : graph.parameters().entrySet()) {
      if (!entry.getValue().role().isBuffer() && !readings.isEmpty()) {
        for (Map<String, PtNDArray> each : sums.values()) {
          each.put(entry.getKey(), zeros(entry.getValue()));
        }
        if (readings.contains(WeightReading.GRADIENT) && reached.contains(entry.getKey())) {
          JniUtils.attachGradient(parameters.get(entry.getKey()), true);
        }
      }
    }
    boolean squares = readings.contains(WeightReading.SQUARED_GRADIENT);
    if (squares) {
      boolean known = true;
      Set<String> needed = GraphRunner.needed(graph);
      for (Node node : graph.nodes()) {
        if (node.ownsWeights() && needed.contains(node.name())) {
          known &=
              node.op() instanceof Op.Conv2d
                  || node.op() instanceof Op.Linear
                  || node.op() instanceof Op.BatchNorm2d;
          modules.computeIfAbsent(node.module(), module -> new ArrayList<>()).add(node);
          watched.add(node.name());
        }
      }
      if (!known) {
        // operators that no rule is known for: image by image, each backward pass is one's own
        watched.clear();
        modules.clear();
        alone.addAll(reached);
        for (String name : reached) {
          if (sums.get(WeightReading.SQUARED_GRADIENT).containsKey(name)) {
            JniUtils.attachGradient(parameters.get(name), true);
          }
        }
      }
    }
    this.samples =
        squares && alone.isEmpty() ? new SampleGradients(engine.sampleKernels(), graph) : null;
  }

  private PtNDArray zeros(ParameterSpec spec) {
    return (PtNDArray)
        manager.zeros(new ai.djl.ndarray.types.Shape(spec.shape().toLongs()), DataType.FLOAT64);
  }

  /** How many images a batch may have. */
  int largestBatch() {
    return alone.isEmpty() ? Integer.MAX_VALUE : 1;
  }

  /** Nodes whose input and output gradient are needed. */
  Set<String> watched() {
    return watched;
  }

  /** Adds a batch whose loss was differentiated. */
  void add(TapHook hook) {
    for (Map.Entry<String, PtNDArray> entry : parameters.entrySet()) {
      if (JniUtils.requiresGrad(entry.getValue())) {
        addGradient(entry.getKey(), entry.getValue());
      }
    }
    if (samples != null) {
      Map<String, PtNDArray> squares = sums.get(WeightReading.SQUARED_GRADIENT);
      modules
          .values()
          .forEach(
              nodes ->
                  samples.squares(
                      nodes, hook, parameters, (name, sum) -> addTo(squares.get(name), sum)));
    }
  }

  private void addGradient(String name, PtNDArray parameter) {
    try (PtNDArray gradient = JniUtils.getGradient(parameter)) {
      if (sums.containsKey(WeightReading.GRADIENT)) {
        addTo(sums.get(WeightReading.GRADIENT).get(name), gradient);
      }
      if (alone.contains(name)) {
        try (PtNDArray square = JniUtils.square(gradient)) {
          addTo(sums.get(WeightReading.SQUARED_GRADIENT).get(name), square);
        }
      }
    }
    JniUtils.zeroGrad(parameter);
  }

  private static void addTo(PtNDArray sum, PtNDArray more) {
    try (PtNDArray exact = JniUtils.to(more, DataType.FLOAT64, more.getDevice());
        PtNDArray shaped = JniUtils.reshape(exact, sum.getShape().getShape())) {
      JniUtils.addi(sum, shaped);
    }
  }

  Map<String, double[]> sums(WeightReading reading) {
    Map<String, PtNDArray> found = sums.get(reading);
    if (found == null) {
      throw new IllegalArgumentException("the pass was not opened to read " + reading);
    }
    Map<String, double[]> values = new LinkedHashMap<>();
    found.forEach((name, sum) -> values.put(name, sum.toDoubleArray()));
    return values;
  }
}
