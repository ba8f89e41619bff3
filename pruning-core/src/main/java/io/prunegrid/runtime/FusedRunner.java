package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.TokenOp;
import io.prunegrid.runtime.FusedKernels.After;
import java.util.HashMap;
import java.util.Map;

/** Evaluates a graph on the CPU in as few passes over memory as the operators allow. */
final class FusedRunner implements AutoCloseable {
  private final ModelGraph graph;
  private final FusedPlan plan;
  private final Map<String, PtNDArray> parameters;
  private final Map<String, FusedKernels.Convolution> convolutions = new HashMap<>();

  /**
   * Lays out the weights of the convolutions.
   *
   * @param parameters native arrays by torch-style name; stay the caller's
   * @param n images at a time, mostly
   */
  FusedRunner(
      PtNDManager manager,
      FusedKernels kernels,
      Model model,
      Map<String, PtNDArray> parameters,
      int n) {
    this.graph = model.graph();
    this.plan = new FusedPlan(graph);
    this.parameters = parameters;
    for (FusedPlan.Step step : plan.steps()) {
      Node node = step.node();
      if (node.op() instanceof Op.Conv2d op) {
        PtNDArray bias = parameters.get(node.parameterName("bias"));
        PtNDArray zeros =
            bias == null
                ? Kernels.upload(manager, Tensor.zeros(io.prunegrid.graph.Shape.of(op.out())))
                : bias;
        convolutions.put(
            node.name(),
            kernels.convolution(
                manager,
                op,
                parameters.get(node.parameterName("weight")),
                zeros,
                graph.inputShape(node, 0),
                n));
      }
    }
  }

  /**
   * Computes the only output.
   *
   * @param manager owner of the activations
   * @param input {@code (n, channel, height, width)}, channels innermost; stays the caller's
   */
  PtNDArray run(PtNDManager manager, PtNDArray input) {
    Map<String, PtNDArray> results = new HashMap<>();
    for (FusedPlan.Step step : plan.steps()) {
      if (step.node().op() instanceof Op.Input) {
        results.put(step.result(), input);
        continue;
      }
      if (step.node().op() instanceof TokenOp.Parameter) {
        results.put(step.result(), Kernels.bare(step.node(), input, parameters));
        continue;
      }
      results.put(step.result(), apply(manager, step, results));
      step.finished().forEach(name -> results.remove(name).close());
    }
    return results.get(plan.output());
  }

  private PtNDArray apply(
      PtNDManager manager, FusedPlan.Step step, Map<String, PtNDArray> results) {
    Node node = step.node();
    PtNDArray[] inputs = node.inputs().stream().map(results::get).toArray(PtNDArray[]::new);
    FusedKernels.Convolution convolution = convolutions.get(node.name());
    if (convolution == null) {
      return GraphRunner.apply(
          node, inputs, parameters, GraphRunner.Mode.EVALUATION, GraphRunner.Hook.NONE);
    }
    After after = step.relu() ? After.RELU : After.NOTHING;
    if (step.addend().isEmpty()) {
      return convolution.apply(manager, inputs[0], after);
    }
    PtNDArray addend = results.get(step.addend().get());
    return step.overwritesAddend(graph)
        ? convolution.addInto(manager, inputs[0], addend, after)
        : convolution.add(manager, inputs[0], addend, after);
  }

  @Override
  public void close() {
    convolutions.values().forEach(FusedKernels.Convolution::close);
  }
}
