package io.prunegrid.graph;

import io.prunegrid.common.BadInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A graph with a tensor of the right shape for each of its parameters, and no others. */
public record Model(ModelGraph graph, Weights weights) {
  public Model {
    List<String> problems = mismatches(graph, weights.asMap());
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(
          "weights do not fit the graph: " + String.join("; ", problems));
    }
  }

  /**
   * A model from tensors that came from outside. Torch's {@code num_batches_tracked} counters are
   * accepted and left out.
   *
   * @param source what to call the tensors in a message, for instance the file they were read from
   * @throws BadInput one problem that lists every missing, surplus and misshapen tensor
   */
  public static Model bind(ModelGraph graph, Map<String, Tensor> tensors, String source) {
    Map<String, Tensor> wanted = new LinkedHashMap<>();
    for (String name : graph.parameters().keySet()) {
      if (tensors.containsKey(name)) {
        wanted.put(name, tensors.get(name));
      }
    }
    tensors.forEach(
        (name, tensor) -> {
          if (!name.endsWith(".num_batches_tracked")) {
            wanted.putIfAbsent(name, tensor);
          }
        });
    List<String> problems = mismatches(graph, wanted);
    if (!problems.isEmpty()) {
      throw new BadInput(source + " does not fit the network: " + String.join("; ", problems));
    }
    return new Model(graph, new Weights(wanted));
  }

  /** Number of parameters, buffers not counted. */
  public long parameterCount() {
    return graph.parameters().values().stream()
        .filter(spec -> !spec.role().isBuffer())
        .mapToLong(spec -> spec.shape().size())
        .sum();
  }

  private static List<String> mismatches(ModelGraph graph, Map<String, Tensor> tensors) {
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    graph
        .parameters()
        .forEach(
            (name, spec) -> {
              Tensor tensor = tensors.get(name);
              if (tensor == null) {
                missing.add(name);
              } else if (!tensor.shape().equals(spec.shape())) {
                misshapen.add(name + " is " + tensor.shape() + " instead of " + spec.shape());
              }
            });
    List<String> surplus =
        tensors.keySet().stream().filter(name -> !graph.parameters().containsKey(name)).toList();
    List<String> problems = new ArrayList<>();
    if (!missing.isEmpty()) {
      problems.add("missing " + String.join(", ", missing));
    }
    if (!surplus.isEmpty()) {
      problems.add("surplus " + String.join(", ", surplus));
    }
    if (!misshapen.isEmpty()) {
      problems.add("misshapen " + String.join(", ", misshapen));
    }
    return problems;
  }
}
