package io.prunegrid.zoo;

import io.prunegrid.graph.ElementOp.Function;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec.Role;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.TokenOp;
import java.util.List;

/**
 * Vision transformers (Dosovitskiy et al., ICLR 2021) as torchvision builds and names them.
 *
 * @param patch side of a patch in pixels
 * @param layers of the encoder
 * @param hidden width between a block's two linear layers
 */
record VisionTransformer(int patch, int layers, int heads, int width, int hidden)
    implements Recipe {
  private static final double EPS = 1e-6;

  @Override
  public ModelGraph build(NetworkSize size) {
    if (size.height() % patch != 0 || size.width() % patch != 0) {
      throw new IllegalArgumentException("its patches have sides of " + patch + " pixels");
    }
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks parts = new Blocks(graph);
    String x = graph.conv("conv_proj", graph.input(), width, patch, patch, 0, Bias.YES);
    int patches = graph.shape(x).positions();
    x = graph.add("patches", new ShapeOp.Reshape(Shape.of(width, patches)), x);
    x = graph.add("tokens", new ShapeOp.Transpose(List.of(1, 0)), x);
    String token =
        parts.parameter("class_token", Shape.of(1, width), Shape.of(1, 1, width), Role.EMBEDDING);
    x = parts.concat("with_class_token", List.of(token, x));
    int length = patches + 1;
    String positions =
        parts.parameter(
            "encoder.pos_embedding",
            Shape.of(length, width),
            Shape.of(1, length, width),
            Role.EMBEDDING);
    x = parts.add("encoder.add", x, positions);
    for (int i = 0; i < layers; i++) {
      x = block(parts, "encoder.layers.encoder_layer_" + i, x);
    }
    x = parts.layerNorm("encoder.ln", x, EPS);
    x = graph.add("class", new ShapeOp.Slice(0, 0, 1, 1), x);
    x = graph.flatten("flatten", x);
    return graph.build(graph.linear("heads.head", x, size.classes()));
  }

  private String block(Blocks parts, String name, String x) {
    String y = parts.layerNorm(name + ".ln_1", x, EPS);
    Op attention = new TokenOp.MultiHeadAttention(width, heads, true);
    y = parts.graph.add(name + ".self_attention", attention, y, y, y);
    String attended = parts.add(name + ".add1", y, x);
    y = parts.linear(name + ".mlp.0", parts.layerNorm(name + ".ln_2", attended, EPS), hidden);
    y = parts.linear(name + ".mlp.3", parts.apply(Function.GELU, y), width);
    return parts.add(name + ".add2", attended, y);
  }
}
