package io.prunegrid.channel;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Shape;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is known of a graph's channels while they are pushed through it: where those of every tensor
 * lie, what layers read and write, which are one and which cannot go.
 */
final class Bindings {
  private final ModelGraph graph;
  private final Atoms atoms = new Atoms();
  private final Map<String, Layout> tensors = new LinkedHashMap<>();
  private final Map<String, int[]> reads = new LinkedHashMap<>();
  private final Map<String, int[]> writes = new LinkedHashMap<>();
  private final Map<Integer, String> pins = new HashMap<>();

  Bindings(ModelGraph graph) {
    this.graph = graph;
  }

  ModelGraph graph() {
    return graph;
  }

  Atoms atoms() {
    return atoms;
  }

  /** Per node, the channels of its output. */
  Map<String, Layout> tensors() {
    return tensors;
  }

  /** Per mixing layer, the channel at each of its input positions. */
  Map<String, int[]> reads() {
    return reads;
  }

  /** Per layer that owns weights, the channel at each of its output positions. */
  Map<String, int[]> writes() {
    return writes;
  }

  /** Channels that cannot go, with the reason. */
  Map<Integer, String> pins() {
    return pins;
  }

  Layout input(Node node, int index) {
    Layout x = tensors.get(node.inputs().get(index));
    return x == null ? new Layout(0, operandAtoms(node, index, 0)) : x;
  }

  /** An operand's channels along one of its axes; a bare parameter gets channels here. */
  int[] operandAtoms(Node node, int index, int axis) {
    String name = node.inputs().get(index);
    Layout x = tensors.get(name);
    if (x == null) {
      Node bare = graph.node(name);
      int[] fresh =
          writes.computeIfAbsent(bare.module(), m -> atoms.fresh(graph.shape(name).dim(axis)));
      tensors.put(name, new Layout(axis, fresh));
      return fresh;
    }
    return expect(node, x, axis, graph.inputShape(node, index)).atoms();
  }

  Layout expect(Node node, Layout x, int axis) {
    return expect(node, x, axis, graph.inputShape(node, 0));
  }

  /** Channels along this axis; what a product has mixed before cannot go. */
  private Layout expect(Node node, Layout x, int axis, Shape shape) {
    if (x.isMixed()) {
      return new Layout(axis, pinned(shape.dim(axis), "comes from a product of channels"));
    }
    if (x.axis() != axis) {
      throw lost(node, placement().elsewhere(node, x, axis));
    }
    return x;
  }

  void unite(int[] into, int[] others) {
    for (int i = 0; i < into.length; i++) {
      into[i] = atoms.unite(into[i], others[i]);
    }
  }

  /** Position j of every group goes together. */
  void tieGroups(int[] channels, int groups) {
    int size = channels.length / groups;
    for (int j = 0; j < size; j++) {
      tie(channels, j, size, groups);
    }
  }

  /** All of a group goes together. */
  void tieWithinGroups(int[] channels, int groups) {
    int size = channels.length / groups;
    for (int group = 0; group < groups; group++) {
      tie(channels, group * size, 1, size);
    }
  }

  private void tie(int[] channels, int first, int step, int count) {
    int tied = Atoms.ZERO;
    for (int i = 0; i < count; i++) {
      tied = atoms.unite(tied, channels[first + i * step]);
    }
    for (int i = 0; i < count; i++) {
      channels[first + i * step] = tied;
    }
  }

  int[] pinned(int number, String reason) {
    int[] fresh = atoms.fresh(number);
    pin(fresh, reason);
    return fresh;
  }

  void pin(int[] channels, String reason) {
    for (int atom : channels) {
      if (atom != Atoms.ZERO) {
        pins.putIfAbsent(atom, reason);
      }
    }
  }

  /** Says where channels lie that cannot be followed. */
  Placement placement() {
    return new Placement(graph, tensors);
  }

  static BadInput lost(Node node, String reason) {
    return new BadInput(
        "channels cannot be followed through " + Placement.describe(node) + ": " + reason);
  }
}
