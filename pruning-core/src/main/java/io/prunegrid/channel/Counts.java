package io.prunegrid.channel;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.ParameterSpec.Role;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Parameters and multiply-accumulates of a network.
 *
 * @param parameters trainable values; buffers such as running statistics are not counted
 * @param macs multiply-accumulates of one sample in convolutions and linear layers, one for each
 *     multiplication with its addition; biases are not counted
 * @param layers the same for every layer that owns weights, in topological order
 */
public record Counts(long parameters, long macs, Map<String, LayerCounts> layers) {
  public Counts {
    layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
  }

  /** One layer's share; a layer that runs several times counts its MACs each time. */
  public record LayerCounts(long parameters, long macs) {
    LayerCounts plus(LayerCounts other) {
      return new LayerCounts(parameters + other.parameters, macs + other.macs);
    }
  }

  /** All parameters and MACs of a structure. */
  public static Counts of(ModelGraph graph) {
    return count(graph, (name, shape) -> shape.size());
  }

  /**
   * The parameters that are not zero, and the MACs whose weight is not zero: what an ideal sparse
   * engine would compute.
   */
  public static Counts nonzero(Model model) {
    return count(model.graph(), (name, shape) -> nonzero(model.weights().get(name)));
  }

  private interface Values {
    long count(String parameter, Shape shape);
  }

  private static Counts count(ModelGraph graph, Values values) {
    Map<String, LayerCounts> layers = new LinkedHashMap<>();
    Map<String, Long> counted = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      if (!node.ownsWeights()) {
        continue;
      }
      boolean repeated = layers.containsKey(node.module());
      long parameters = 0;
      long macs = 0;
      for (ParameterSpec spec : node.op().parameters()) {
        if (spec.role().isBuffer()) {
          continue;
        }
        long count =
            counted.computeIfAbsent(
                node.parameterName(spec), name -> values.count(name, spec.shape()));
        parameters += repeated ? 0 : count;
        macs += count * uses(graph, node, spec);
      }
      layers.merge(node.module(), new LayerCounts(parameters, macs), LayerCounts::plus);
    }
    return new Counts(
        total(layers, LayerCounts::parameters), total(layers, LayerCounts::macs), layers);
  }

  /** In how many MACs of one sample each element of a node's parameter takes part. */
  static long uses(ModelGraph graph, Node node, ParameterSpec spec) {
    return spec.role() == Role.WEIGHT
        ? node.op().uses(graph.inputShape(node, 0), graph.shape(node.name()))
        : 0;
  }

  private static long total(Map<String, LayerCounts> layers, ToLongFunction<LayerCounts> figure) {
    return layers.values().stream().mapToLong(figure).sum();
  }

  private static long nonzero(Tensor tensor) {
    long count = 0;
    for (int i = 0; i < tensor.size(); i++) {
      if (tensor.at(i) != 0) {
        count++;
      }
    }
    return count;
  }
}
