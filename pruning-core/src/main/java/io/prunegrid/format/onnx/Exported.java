package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.OnnxWriter.Attributes;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Shape;
import java.util.Map;
import java.util.Set;

/**
 * One node of ours while it is written: its inputs' values, and the nodes that it becomes, of which
 * the last has its name.
 *
 * @param values what the file calls the output of each node written before
 * @param single nodes that are the same for every sample, whose batch has the size 1
 */
record Exported(
    ModelGraph graph,
    Node node,
    OnnxWriter writer,
    Map<String, String> values,
    Set<String> single) {

  /** The value of the n-th input. */
  String in(int index) {
    return values.get(node.inputs().get(index));
  }

  Shape inputShape(int index) {
    return graph.inputShape(node, index);
  }

  Shape shape() {
    return graph.shape(node.name());
  }

  /** A tensor of the node. */
  String parameter(String suffix) {
    return node.parameterName(suffix);
  }

  /** A node in between. */
  String between(String operator, String what, String... from) {
    return writer.node(operator, node.name() + "/" + what, from);
  }

  String between(String operator, String what, Attributes attributes, String... from) {
    return writer.node(operator, node.name() + "/" + what, attributes, from);
  }

  /** The node that computes the output. */
  String last(String operator, String... from) {
    return writer.node(operator, node.name(), from);
  }

  String last(String operator, Attributes attributes, String... from) {
    return writer.node(operator, node.name(), attributes, from);
  }

  String number(String what, double value) {
    return writer.number(node.name() + "/" + what, value);
  }

  String list(String what, long... values) {
    return writer.list(node.name() + "/" + what, values);
  }

  /** The list of a shape's sizes behind the size of the batch, which a 0 copies. */
  String batched(String what, Shape shape) {
    long[] sizes = new long[shape.rank() + 1];
    System.arraycopy(shape.toLongs(), 0, sizes, 1, shape.rank());
    return list(what, sizes);
  }
}
