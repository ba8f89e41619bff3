package io.prunegrid.graph;

import io.prunegrid.graph.Op.Conv2d;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Builds a graph node by node; every method returns the name of the node it added. */
public final class GraphBuilder {
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Shape> shapes = new HashMap<>();

  /**
   * @param input {@code (channel, height, width)}
   */
  public GraphBuilder(Shape input) {
    add("input", new Op.Input(input));
  }

  public String input() {
    return "input";
  }

  /**
   * Adds any node.
   *
   * @throws IllegalArgumentException naming the node, when its inputs do not fit
   */
  public String add(String name, Op op, String... inputs) {
    return add(new Node(name, op, List.of(inputs)));
  }

  public String add(Node node) {
    List<Shape> inputs = node.inputs().stream().map(this::shape).toList();
    try {
      shapes.put(node.name(), node.op().infer(inputs));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "node '"
              + node.name()
              + "' ("
              + node.op().getClass().getSimpleName()
              + ") "
              + e.getMessage(),
          e);
    }
    nodes.add(node);
    return node.name();
  }

  /** Shape of a node added before, batch left out. */
  public Shape shape(String name) {
    Shape shape = shapes.get(name);
    if (shape == null) {
      throw new IllegalArgumentException("no node is named '" + name + "'");
    }
    return shape;
  }

  /** Square convolution without groups; input channels are the input's. */
  public String conv(
      String name, String input, int out, int kernel, int stride, int padding, Bias bias) {
    return add(
        name,
        new Conv2d(
            shape(input).channels(),
            out,
            Size2d.square(kernel),
            Size2d.square(stride),
            Size2d.square(padding),
            Size2d.ONE,
            1,
            bias == Bias.YES),
        input);
  }

  /** Batch normalization with torch's defaults: eps 1e-5, momentum 0.1. */
  public String batchNorm(String name, String input) {
    return add(name, new Op.BatchNorm2d(shape(input).channels(), 1e-5, 0.1), input);
  }

  public String relu(String name, String input) {
    return add(name, new Op.Relu(), input);
  }

  public String maxPool(String name, String input, int kernel, int stride, int padding) {
    return add(
        name,
        new Op.MaxPool2d(Size2d.square(kernel), Size2d.square(stride), Size2d.square(padding)),
        input);
  }

  public String adaptiveAvgPool(String name, String input, int side) {
    return add(name, new Op.AdaptiveAvgPool2d(Size2d.square(side)), input);
  }

  public String flatten(String name, String input) {
    return add(name, new Op.Flatten(), input);
  }

  public String linear(String name, String input, int out) {
    return add(name, new Op.Linear(Math.toIntExact(shape(input).size()), out, true), input);
  }

  public ModelGraph build(String... outputs) {
    return new ModelGraph(nodes, List.of(outputs));
  }

  /** Whether a layer adds a bias. */
  public enum Bias {
    YES,
    NO
  }
}
