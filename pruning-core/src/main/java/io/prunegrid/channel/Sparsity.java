package io.prunegrid.channel;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many entries of a network's parameters are exactly zero; running statistics are no
 * parameters.
 *
 * @param parameters by name, layers in topological order
 */
public record Sparsity(Map<String, Zeros> parameters) {
  public Sparsity {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /**
   * Zeros among entries.
   *
   * @param of how many entries there are
   */
  public record Zeros(long zeros, long of) {
    /** In [0, 1]; 0 where there is no entry. */
    public double share() {
      return of == 0 ? 0 : (double) zeros / of;
    }

    private Zeros plus(Zeros other) {
      return new Zeros(zeros + other.zeros, of + other.of);
    }
  }

  /** Counts the zeros of a network. */
  public static Sparsity of(Model model) {
    Map<String, Zeros> parameters = new LinkedHashMap<>();
    for (Node layer : model.graph().layers()) {
      for (ParameterSpec spec : layer.op().parameters()) {
        if (!spec.role().isBuffer()) {
          String name = layer.parameterName(spec);
          parameters.put(name, zeros(model.weights().get(name)));
        }
      }
    }
    return new Sparsity(parameters);
  }

  /** All parameters together. */
  public Zeros total() {
    return parameters.values().stream().reduce(new Zeros(0, 0), Zeros::plus);
  }

  private static Zeros zeros(Tensor tensor) {
    long zeros = 0;
    for (int i = 0; i < tensor.size(); i++) {
      zeros += tensor.at(i) == 0 ? 1 : 0;
    }
    return new Zeros(zeros, tensor.size());
  }
}
