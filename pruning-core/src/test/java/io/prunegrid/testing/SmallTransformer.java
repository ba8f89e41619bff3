package io.prunegrid.testing;

import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.TokenOp;
import java.util.List;

/** A vision transformer of four patches, small enough to be looked at head by head. */
public final class SmallTransformer {
  private static final int CLASSES = 5;

  private SmallTransformer() {}

  /**
   * A transformer with a layer for each number of heads.
   *
   * @param width channels of the stream, a multiple of each number of heads
   * @param heads of each layer's attention
   */
  public static ModelGraph graph(int width, int... heads) {
    GraphBuilder graph = new GraphBuilder(Shape.of(3, 4, 4));
    String x = graph.conv("conv", graph.input(), width, 2, 2, 0, Bias.YES);
    int length = graph.shape(x).positions();
    x = graph.add("patches", new ShapeOp.Reshape(Shape.of(width, length)), x);
    x = graph.add("tokens", new ShapeOp.Transpose(List.of(1, 0)), x);
    for (int layer = 0; layer < heads.length; layer++) {
      String name = "layer" + layer;
      String y = norm(graph, name + ".norm1", x);
      Op attention = new TokenOp.MultiHeadAttention(width, heads[layer], true);
      y = graph.add(name + ".attention", attention, y, y, y);
      x = graph.add(name + ".add1", new Op.Add(), x, y);
      y =
          graph.add(
              name + ".up", new Op.Linear(width, 2 * width, true), norm(graph, name + ".norm2", x));
      Op gelu = new ElementOp.Activation(ElementOp.Activation.Function.GELU);
      y =
          graph.add(
              name + ".down",
              new Op.Linear(2 * width, width, true),
              graph.add(name + ".gelu", gelu, y));
      x = graph.add(name + ".add2", new Op.Add(), x, y);
    }
    x = graph.add("first", new ShapeOp.Slice(0, 0, 1, 1), x);
    return graph.build(graph.linear("head", graph.flatten("flat", x), CLASSES));
  }

  private static String norm(GraphBuilder graph, String name, String x) {
    int width = graph.shape(x).dim(1);
    return graph.add(name, new NormOp.LayerNorm(Shape.of(width), 1e-6, true), x);
  }
}
