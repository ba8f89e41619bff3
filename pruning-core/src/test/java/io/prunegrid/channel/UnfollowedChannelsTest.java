package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.TokenOp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where channels cannot be followed, the node is named and the one that moved them. */
class UnfollowedChannelsTest {
  private static final Node INPUT = new Node("x", new Op.Input(Shape.of(3, 8, 8)), List.of());

  private static Node node(String name, Op op, String... inputs) {
    return new Node(name, op, List.of(inputs));
  }

  private static Op convolution(int in, int out) {
    return new Op.Conv2d(in, out, Size2d.ONE, Size2d.ONE, Size2d.square(0), Size2d.ONE, 1, true);
  }

  private static void follow(Node... nodes) {
    CoupledChannels.of(new ModelGraph(List.of(nodes), List.of(nodes[nodes.length - 1].name())));
  }

  private static void assertLost(String reason, Node... nodes) {
    assertThatThrownBy(() -> follow(nodes))
        .isInstanceOf(BadInput.class)
        .hasMessage("channels cannot be followed through " + reason);
  }

  @Test
  void aReshapeThatMixesPixelsIntoChannelsIsNamed() {
    assertLost(
        "node 'b' (Conv2d): it reads channels along axis 0 behind the batch, but node 'r' (Reshape)"
            + " has put them along axis 2",
        INPUT,
        node("a", convolution(3, 8), "x"),
        node("relu", new Op.Relu(), "a"),
        node("r", new ShapeOp.Reshape(Shape.of(16, 8, 4)), "relu"),
        node("still", new Op.Relu(), "r"),
        node("b", convolution(16, 2), "still"));
  }

  @Test
  void aTransposeIsNamedAndNotWhatComesBehindIt() {
    assertLost(
        "node 'b' (Conv2d): it reads channels along axis 0 behind the batch, but node 't'"
            + " (Transpose) has put them along axis 1",
        INPUT,
        node("a", convolution(3, 8), "x"),
        node("t", new ShapeOp.Transpose(List.of(1, 0, 2)), "a"),
        node("pad", new Op.Dropout(0.5), "t"),
        node("b", convolution(8, 2), "pad"));
  }

  @Test
  void aLinearLayerOverPixelsIsNamedWithTheLayerThatMadeTheChannels() {
    assertLost(
        "node 'l' (Linear): it reads channels along axis 2 behind the batch, but node 'a' (Conv2d)"
            + " has put them along axis 0",
        INPUT,
        node("a", convolution(3, 4), "x"),
        node("relu", new Op.Relu(), "a"),
        node("l", new Op.Linear(8, 2, true), "relu"));
  }

  @Test
  void tokensAsAnInputAreRefusedByName() {
    assertLost(
        "node 'l' (Linear): it reads channels along axis 1 behind the batch, but the channels of"
            + " the network's input 'tokens' lie along axis 0; inputs that have them elsewhere,"
            + " such as tokens, are not supported",
        node("tokens", new Op.Input(Shape.of(6, 16))),
        node("l", new Op.Linear(16, 2, true), "tokens"));
  }

  @Test
  void aProductOfChannelsWithPixelsNamesBothSides() {
    assertLost(
        "node 'p' (MatMul): the channels of its inputs lie along different axes behind the batch:"
            + " node 'a' (Conv2d) along axis 0, node 't' (Transpose) along axis 1",
        INPUT,
        node("a", convolution(3, 8), "x"),
        node("rows", new ShapeOp.Reshape(Shape.of(8, 64)), "a"),
        node("b", convolution(3, 8), "x"),
        node("columns", new ShapeOp.Reshape(Shape.of(8, 64)), "b"),
        node("t", new ShapeOp.Transpose(List.of(1, 0)), "columns"),
        node("p", new TokenOp.MatMul(), "rows", "t"));
  }

  @Test
  void aReshapeThatLeavesChannelsNoAxisIsNamed() {
    assertLost(
        "node 'r' (Reshape): it leaves no axis for the channels of (64x1)",
        INPUT,
        node("a", convolution(3, 1), "x"),
        node("rows", new ShapeOp.Reshape(Shape.of(1, 64)), "a"),
        node("t", new ShapeOp.Transpose(List.of(1, 0)), "rows"),
        node("r", new ShapeOp.Reshape(Shape.of(64)), "t"));
  }
}
