package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.TokenOp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs a graph node by node on native arrays and lets go of every activation after its last reader.
 * Nodes that no output depends on are not run.
 */
final class GraphRunner {
  private final ModelGraph graph;
  private final List<Step> steps = new ArrayList<>();

  GraphRunner(ModelGraph graph) {
    this.graph = graph;
    Set<String> needed = needed(graph);
    Map<String, Integer> lastReader = new HashMap<>();
    List<Node> nodes = graph.nodes().stream().filter(n -> needed.contains(n.name())).toList();
    for (int i = 0; i < nodes.size(); i++) {
      for (String input : nodes.get(i).inputs()) {
        lastReader.put(input, i);
      }
    }
    graph.outputs().forEach(lastReader::remove);
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      int position = i;
      List<String> finished =
          node.inputs().stream()
              .distinct()
              .filter(input -> lastReader.getOrDefault(input, -1) == position)
              .filter(input -> !(graph.node(input).op() instanceof Op.Input))
              .toList();
      steps.add(new Step(node, finished));
    }
  }

  /** Names of the nodes that the outputs depend on. */
  static Set<String> needed(ModelGraph graph) {
    Set<String> needed = new HashSet<>(graph.outputs());
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      Node node = graph.nodes().get(i);
      if (needed.contains(node.name())) {
        needed.addAll(node.inputs());
      }
    }
    return needed;
  }

  /** Names of the tensors that the outputs depend on. */
  Set<String> parameters() {
    Set<String> names = new HashSet<>();
    for (Step step : steps) {
      step.node.op().parameters().forEach(spec -> names.add(step.node.parameterName(spec)));
    }
    return names;
  }

  /**
   * Computes the only output.
   *
   * @param input {@code (n, channel, height, width)}; stays the caller's
   * @param parameters native arrays by torch-style name
   */
  PtNDArray run(PtNDArray input, Map<String, PtNDArray> parameters, Mode mode, Hook hook) {
    return runAll(input, parameters, mode, hook).get(graph.output());
  }

  /** Computes every output, by name; otherwise as {@link #run}. */
  Map<String, PtNDArray> runAll(
      PtNDArray input, Map<String, PtNDArray> parameters, Mode mode, Hook hook) {
    Map<String, PtNDArray> outputs = new HashMap<>();
    for (Step step : steps) {
      Node node = step.node;
      if (node.op() instanceof Op.Input) {
        outputs.put(node.name(), input);
        continue;
      }
      if (node.op() instanceof TokenOp.Parameter) {
        outputs.put(node.name(), hook.output(node, Kernels.bare(node, input, parameters)));
        continue;
      }
      PtNDArray[] inputs = node.inputs().stream().map(outputs::get).toArray(PtNDArray[]::new);
      hook.reads(node, inputs);
      PtNDArray output = apply(node, inputs, parameters, mode, hook);
      outputs.put(node.name(), hook.output(node, output));
      for (String finished : step.finished) {
        outputs.remove(finished).close();
      }
    }
    Map<String, PtNDArray> results = new LinkedHashMap<>();
    graph.outputs().forEach(name -> results.put(name, outputs.get(name)));
    return results;
  }

  /** One node's output. */
  static PtNDArray apply(
      Node node, PtNDArray[] inputs, Map<String, PtNDArray> parameters, Mode mode, Hook hook) {
    PtNDArray x = inputs[0];
    Op op = node.op();
    if (op instanceof Op.Conv2d convolution) {
      return hook.convolution(node, convolution, x, parameters);
    } else if (op instanceof Op.BatchNorm2d norm) {
      return JniUtils.batchNorm(
          x,
          parameters.get(node.parameterName("running_mean")),
          parameters.get(node.parameterName("running_var")),
          parameters.get(node.parameterName("weight")),
          parameters.get(node.parameterName("bias")),
          mode == Mode.TRAINING,
          norm.momentum(),
          norm.eps());
    } else if (op instanceof Op.Linear) {
      return JniUtils.linear(
          x,
          parameters.get(node.parameterName("weight")),
          parameters.get(node.parameterName("bias")));
    } else if (op instanceof Op.Relu) {
      return JniUtils.relu(x);
    } else if (op instanceof Op.Dropout dropout) {
      return mode == Mode.TRAINING
          ? hook.dropout(node, dropout, x)
          : JniUtils.reshape(x, x.getShape().getShape());
    } else if (op instanceof Op.MaxPool2d pool) {
      return Kernels.maxPool(x, pool);
    } else if (op instanceof Op.AdaptiveAvgPool2d pool) {
      return Kernels.adaptiveAvgPool(x, pool);
    } else if (op instanceof Op.Add) {
      return add(inputs);
    } else if (op instanceof Op.Concat concat) {
      return Kernels.concat(inputs, concat.axis() + 1);
    } else if (op instanceof Op.Flatten) {
      return JniUtils.flatten(x, 1, -1);
    } else if (op instanceof Op.Subsample2d subsample) {
      return Kernels.subsample(x, subsample.stride());
    } else if (op instanceof Op.PadChannels pad) {
      return Kernels.padChannels(x, pad);
    } else if (op instanceof Op.SelectChannels select) {
      return Kernels.selectChannels(x, select.channels());
    } else if (op instanceof ElementOp.StochasticDepth depth) {
      return mode == Mode.TRAINING
          ? hook.stochasticDepth(node, depth, x)
          : JniUtils.reshape(x, x.getShape().getShape());
    } else if (op instanceof ElementOp element) {
      return FamilyKernels.apply(node, element, inputs, parameters);
    } else if (op instanceof NormOp norm) {
      return FamilyKernels.apply(node, norm, x, parameters);
    } else if (op instanceof SpatialOp spatial) {
      return FamilyKernels.apply(node, spatial, x, parameters);
    } else if (op instanceof ShapeOp shape) {
      return FamilyKernels.apply(shape, x);
    } else if (op instanceof TokenOp.MultiHeadAttention attention) {
      return FamilyKernels.attention(node, attention, inputs, parameters);
    } else if (op instanceof TokenOp.MatMul) {
      return JniUtils.matmul(x, inputs[1]);
    }
    throw new IllegalArgumentException(
        "the runtime has no kernel for "
            + op.getClass().getSimpleName()
            + " (node '"
            + node.name()
            + "')");
  }

  private static PtNDArray add(PtNDArray[] inputs) {
    PtNDArray sum = JniUtils.add(inputs[0], inputs[1]);
    for (int i = 2; i < inputs.length; i++) {
      try (PtNDArray partial = sum) {
        sum = JniUtils.add(partial, inputs[i]);
      }
    }
    return sum;
  }

  /** How nodes behave that training changes. */
  enum Mode {
    TRAINING,
    EVALUATION
  }

  /** What a session does to outputs as they are computed. */
  interface Hook {
    Hook NONE = new Hook() {};

    /** What a node is about to read; stays the runner's. */
    default void reads(Node node, PtNDArray[] inputs) {}

    /** The node's output, or what its readers see in its place; a hook closes what it replaces. */
    default PtNDArray output(Node node, PtNDArray output) {
      return output;
    }

    /** A convolution's output. */
    default PtNDArray convolution(
        Node node, Op.Conv2d op, PtNDArray x, Map<String, PtNDArray> parameters) {
      return Kernels.convolution(
          x,
          parameters.get(node.parameterName("weight")),
          parameters.get(node.parameterName("bias")),
          op);
    }

    /** Training mode's dropout. */
    default PtNDArray dropout(Node node, Op.Dropout dropout, PtNDArray x) {
      throw new IllegalStateException("nothing draws for dropout '" + node.name() + "'");
    }

    /** Training mode's stochastic depth. */
    default PtNDArray stochasticDepth(Node node, ElementOp.StochasticDepth depth, PtNDArray x) {
      throw new IllegalStateException("nothing draws for stochastic depth '" + node.name() + "'");
    }
  }

  private record Step(Node node, List<String> finished) {}
}
