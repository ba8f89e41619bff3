package io.prunegrid.runtime;

import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ShapeOp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The order in which a graph is evaluated when a convolution may take the sum and the rectifier
 * behind it along: one pass over memory in place of three. Dropout is left out, as are nodes that
 * the output does not depend on.
 */
final class FusedPlan {
  private final ModelGraph graph;
  private final Map<String, String> aliases = new HashMap<>();
  private final Map<String, Node> byName = new HashMap<>();
  private final Map<String, List<Node>> consumers = new HashMap<>();
  private final List<Step> steps = new ArrayList<>();
  private final String output;

  FusedPlan(ModelGraph graph) {
    this.graph = graph;
    Set<String> needed = GraphRunner.needed(graph);
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!needed.contains(node.name())) {
        continue;
      }
      if (node.op() instanceof Op.Dropout || node.op() instanceof ElementOp.StochasticDepth) {
        aliases.put(node.name(), resolve(node.inputs().get(0)));
      } else {
        Node reading = node.withInputs(node.inputs().stream().map(this::resolve).toList());
        nodes.add(reading);
        byName.put(node.name(), reading);
        for (String input : reading.inputs()) {
          consumers.computeIfAbsent(input, name -> new ArrayList<>()).add(reading);
        }
      }
    }
    this.output = resolve(graph.output());
    fuse(nodes);
    release();
  }

  /** The steps; every step comes after the ones whose results it reads. */
  List<Step> steps() {
    return steps;
  }

  /** Name of the result that is the network's output. */
  String output() {
    return output;
  }

  private String resolve(String name) {
    return aliases.getOrDefault(name, name);
  }

  private void fuse(List<Node> nodes) {
    Map<String, Node> sums = new HashMap<>();
    Set<String> done = new HashSet<>();
    for (Node node : nodes) {
      if (node.op() instanceof Op.Add && node.inputs().size() == 2) {
        lastConvolution(node)
            .ifPresent(
                convolution -> {
                  sums.put(node.name(), convolution);
                  done.add(convolution.name());
                });
      }
    }
    for (Node node : nodes) {
      if (done.contains(node.name())) {
        continue;
      }
      // a convolution waits for the other term of its sum
      Node convolution = sums.getOrDefault(node.name(), node);
      Optional<String> addend =
          node.inputs().stream()
              .filter(input -> sums.containsKey(node.name()) && !input.equals(convolution.name()))
              .findFirst();
      Optional<Node> relu =
          convolution.op() instanceof Op.Conv2d
              ? onlyReader(node.name()).filter(reader -> reader.op() instanceof Op.Relu)
              : Optional.empty();
      relu.ifPresent(reader -> done.add(reader.name()));
      steps.add(
          new Step(
              convolution, addend, relu.isPresent(), relu.orElse(node).name(), new ArrayList<>()));
    }
  }

  private Optional<Node> onlyReader(String name) {
    return consumers.getOrDefault(name, List.of()).size() == 1 && !name.equals(output)
        ? Optional.of(consumers.get(name).get(0))
        : Optional.empty();
  }

  /**
   * The last of a sum's two terms that is a convolution nobody else reads, where the other term is
   * a dense array. Where a dimension is 1 the layout is ambiguous and the fused operator may refuse
   * it.
   */
  private Optional<Node> lastConvolution(Node sum) {
    if (graph.shape(sum.name()).dims().contains(1)) {
      return Optional.empty();
    }
    for (int i = 1; i >= 0; i--) {
      Node term = byName.get(sum.inputs().get(i));
      Node other = byName.get(sum.inputs().get(1 - i));
      if (term.op() instanceof Op.Conv2d
          && onlyReader(term.name()).isPresent()
          && graph.shape(other.name()).equals(graph.shape(sum.name()))
          && isDense(other.op())) {
        return Optional.of(term);
      }
    }
    return Optional.empty();
  }

  /** Whether an operator's result has memory of its own, without gaps. */
  private static boolean isDense(Op op) {
    return op instanceof Op.Conv2d
        || op instanceof Op.BatchNorm2d
        || op instanceof Op.Relu
        || op instanceof Op.Add
        || (op instanceof Op.PadChannels pad && pad.before() + pad.after() > 0)
        || op instanceof Op.MaxPool2d;
  }

  private void release() {
    Map<String, Step> last = new HashMap<>();
    for (Step step : steps) {
      step.reads().forEach(name -> last.put(name, step));
    }
    last.remove(output);
    last.forEach(
        (name, step) -> {
          if (!(graph.node(name).op() instanceof Op.Input)) {
            step.finished.add(name);
          }
        });
  }

  /**
   * One native call, or a few.
   *
   * @param node what is computed, its inputs named as results
   * @param addend what a convolution adds to its own result
   * @param relu whether a convolution rectifies the sum
   * @param result the name under which later steps read it
   * @param finished results that nobody reads after this step
   */
  record Step(
      Node node, Optional<String> addend, boolean relu, String result, List<String> finished) {
    private List<String> reads() {
      List<String> names = new ArrayList<>(node.inputs());
      addend.ifPresent(names::add);
      return names;
    }

    /**
     * Whether the result may be written over the addend: nobody reads that then or later, and no
     * view of it is alive.
     */
    boolean overwritesAddend(ModelGraph graph) {
      return addend.isPresent()
          && finished.contains(addend.get())
          && !node.inputs().contains(addend.get())
          && graph.consumers(addend.get()).stream().noneMatch(Step::makesView);
    }

    private static boolean makesView(Node node) {
      return node.op() instanceof Op.Subsample2d
          || node.op() instanceof Op.Flatten
          || node.op() instanceof Op.Dropout
          || node.op() instanceof ShapeOp
          || node.op() instanceof ElementOp.StochasticDepth;
    }
  }
}
