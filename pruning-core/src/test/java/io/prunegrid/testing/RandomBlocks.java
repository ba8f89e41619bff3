package io.prunegrid.testing;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ElementOp.Function;
import io.prunegrid.graph.ElementOp.Operation;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec.Role;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.TokenOp;
import java.util.List;

/** Small blocks of operators on feature maps, as networks of many families have them. */
final class RandomBlocks {
  private final GraphBuilder graph;
  private final SplitMix64 random;
  private int count;

  RandomBlocks(GraphBuilder graph, SplitMix64 random) {
    this.graph = graph;
    this.random = random;
  }

  /** Adds one block behind a feature map; returns a feature map. */
  String any(String x) {
    return switch (random.nextInt(13)) {
      case 0 -> activation(x);
      case 1 -> squeezeAndExcite(x);
      case 2 -> add("group-norm", groupNorm(x), x);
      case 3 -> channelsLastNorm(x);
      case 4 -> transposedConvolution(x);
      case 5 -> resized(x);
      case 6 -> pooled(x);
      case 7 -> split(x);
      case 8 -> shuffled(x);
      case 9 -> attention(x);
      case 10 -> writtenOutAttention(x);
      case 11 -> scaled(x);
      default -> difference(x);
    };
  }

  private String add(String kind, Op op, String... inputs) {
    return graph.add(kind + "_" + count++, op, inputs);
  }

  private <T> T one(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private int channels(String x) {
    return graph.shape(x).channels();
  }

  private String activation(String x) {
    if (random.nextInt(4) == 0) {
      return add("prelu", new ElementOp.PRelu(random.nextInt(2) == 0 ? 1 : channels(x)), x);
    }
    Function function = one(List.of(Function.values()));
    boolean takes = function == Function.LEAKY_RELU || function == Function.ELU;
    return add("activation", new ElementOp.Activation(function, takes ? 0.3 : 0), x);
  }

  private String squeezeAndExcite(String x) {
    String y =
        random.nextInt(2) == 0
            ? graph.adaptiveAvgPool("pool_" + count++, x, 1)
            : add("mean", new ShapeOp.Mean(List.of(1, 2), true), x);
    y = graph.relu("relu_" + count++, pointwise(y, 1 + random.nextInt(3)));
    y = add("gate", new ElementOp.Activation(Function.SIGMOID), pointwise(y, channels(x)));
    return add("excite", new ElementOp.Arithmetic(Operation.MULTIPLY), x, y);
  }

  private String pointwise(String x, int out) {
    return add(
        "point",
        new Op.Conv2d(
            channels(x), out, Size2d.ONE, Size2d.ONE, Size2d.square(0), Size2d.ONE, 1, true),
        x);
  }

  private NormOp.GroupNorm groupNorm(String x) {
    int channels = channels(x);
    int groups = channels % 2 == 0 ? 2 : channels % 3 == 0 ? 3 : 1;
    return new NormOp.GroupNorm(random.nextInt(4) == 0 ? channels : groups, channels, 1e-3);
  }

  private String channelsLastNorm(String x) {
    String y = add("last", new ShapeOp.Transpose(List.of(1, 2, 0)), x);
    boolean affine = random.nextInt(4) > 0;
    y = add("layer-norm", new NormOp.LayerNorm(Shape.of(channels(x)), 1e-3, affine), y);
    if (random.nextInt(2) == 0) {
      y = add("wide", new Op.Linear(channels(x), 1 + random.nextInt(6), true), y);
    }
    return add("first", new ShapeOp.Transpose(List.of(2, 0, 1)), y);
  }

  private String transposedConvolution(String x) {
    int channels = channels(x);
    int groups = random.nextInt(3) == 0 ? channels : channels % 2 == 0 ? 2 : 1;
    int out = groups * (1 + random.nextInt(2));
    return add(
        "up",
        new SpatialOp.ConvTranspose2d(
            channels,
            out,
            new Size2d(2, 3),
            Size2d.square(1 + random.nextInt(2)),
            new Size2d(1, 1),
            Size2d.square(0),
            Size2d.ONE,
            groups,
            random.nextInt(2) == 0),
        x);
  }

  private String resized(String x) {
    SpatialOp.Interpolate.Mode mode = one(List.of(SpatialOp.Interpolate.Mode.values()));
    boolean corners = mode == SpatialOp.Interpolate.Mode.BILINEAR && random.nextInt(2) == 0;
    Size2d size = new Size2d(3 + random.nextInt(3), 3 + random.nextInt(3));
    return add("resize", new SpatialOp.Interpolate(size, mode, corners), x);
  }

  private String pooled(String x) {
    return switch (random.nextInt(4)) {
      case 0 ->
          add(
              "average",
              new SpatialOp.AvgPool2d(
                  Size2d.square(2),
                  Size2d.square(2),
                  Size2d.ONE,
                  random.nextInt(2) == 0,
                  random.nextInt(2) == 0),
              x);
      case 1 -> add("largest", new SpatialOp.AdaptiveMaxPool2d(Size2d.square(2)), x);
      case 2 ->
          add(
              "ceil",
              new Op.MaxPool2d(Size2d.square(2), Size2d.square(2), Size2d.square(0), true),
              x);
      default -> add("pad", new SpatialOp.Pad2d(1, 0, 0, 1, random.nextInt(2) * 0.5), x);
    };
  }

  /** Two halves of the channels, one worked on, side by side again or added. */
  private String split(String x) {
    int channels = channels(x);
    if (channels < 2) {
      return activation(x);
    }
    int half = channels / 2;
    String left = add("left", new ShapeOp.Slice(0, 0, half, 1), x);
    String right = add("right", new ShapeOp.Slice(0, half, 2 * half, 1), x);
    String worked = graph.relu("relu_" + count++, pointwise(right, half));
    return switch (random.nextInt(3)) {
      case 0 -> add("sum", new Op.Add(), left, worked);
      case 1 -> add("odd", new ShapeOp.Slice(0, 1, channels, 2), x);
      default -> add("beside", new Op.Concat(), left, worked);
    };
  }

  private String shuffled(String x) {
    int channels = channels(x);
    int groups = channels % 2 == 0 ? 2 : channels % 3 == 0 ? 3 : 1;
    return add("shuffle", new ShapeOp.ChannelShuffle(groups), x);
  }

  private String tokens(String x) {
    Shape shape = graph.shape(x);
    String flat = add("flat", new ShapeOp.Reshape(Shape.of(channels(x), shape.positions())), x);
    return add("tokens", new ShapeOp.Transpose(List.of(1, 0)), flat);
  }

  private String map(String tokens, Shape like) {
    String y = add("channels", new ShapeOp.Transpose(List.of(1, 0)), tokens);
    Shape shape = Shape.of(graph.shape(y).dim(0), like.dim(1), like.dim(2));
    return add("map", new ShapeOp.Reshape(shape), y);
  }

  private String attention(String x) {
    Shape like = graph.shape(x);
    String y = tokens(x);
    int width = graph.shape(y).dim(1);
    int length = graph.shape(y).dim(0);
    String token = add("class", parameter(Shape.of(1, width), Role.EMBEDDING));
    y = add("with-class", new Op.Concat(0), token, y);
    String positions = add("positions", parameter(Shape.of(length + 1, width), Role.EMBEDDING));
    y = add("placed", new Op.Add(), y, positions);
    String even = add("norm", new NormOp.LayerNorm(Shape.of(width), 1e-3, true), y);
    int heads = width % 2 == 0 ? 2 : 1;
    Op attention = new TokenOp.MultiHeadAttention(width, heads, random.nextInt(2) == 0);
    String attended = add("attention", attention, even, even, even);
    attended = add("depth", new ElementOp.StochasticDepth(0.2), attended);
    y = add("residual", new Op.Add(), y, attended);
    y = add("without-class", new ShapeOp.Slice(0, 1, length + 1, 1), y);
    return map(y, like);
  }

  private TokenOp.Parameter parameter(Shape shape, Role role) {
    Shape stored =
        random.nextInt(2) == 0 || shape.rank() > 2
            ? shape
            : Shape.of(1, shape.dim(0), shape.dim(1));
    return new TokenOp.Parameter(shape, stored, role);
  }

  /** Attention as exporters write it: a linear layer for all three parts, products and softmax. */
  private String writtenOutAttention(String x) {
    Shape like = graph.shape(x);
    String y = tokens(x);
    int width = graph.shape(y).dim(1);
    int length = graph.shape(y).dim(0);
    int heads = 2;
    int size = 1 + random.nextInt(3);
    String all = add("qkv", new Op.Linear(width, 3 * heads * size, true), y);
    String apart = add("apart", new ShapeOp.Reshape(Shape.of(length, 3, heads, size)), all);
    String turned = add("turned", new ShapeOp.Transpose(List.of(1, 2, 0, 3)), apart);
    String query = part(turned, 0);
    String key = add("key", new ShapeOp.Transpose(List.of(0, 2, 1)), part(turned, 1));
    String products = add("products", new TokenOp.MatMul(), query, key);
    products = add("scale", new ElementOp.Scale(0.3, 0), products);
    Op softmax = new ElementOp.Softmax(2, ElementOp.Softmax.Output.PROBABILITY);
    String weights = add("weights", softmax, products);
    String mixed = add("mixed", new TokenOp.MatMul(), weights, part(turned, 2));
    String beside = add("heads", new ShapeOp.Transpose(List.of(1, 0, 2)), mixed);
    String joined = add("joined", new ShapeOp.Reshape(Shape.of(length, heads * size)), beside);
    return map(add("project", new Op.Linear(heads * size, width, true), joined), like);
  }

  private String part(String x, int index) {
    Shape shape = graph.shape(x);
    String one = add("part", new ShapeOp.Slice(0, index, index + 1, 1), x);
    return add(
        "single", new ShapeOp.Reshape(Shape.of(shape.dim(1), shape.dim(2), shape.dim(3))), one);
  }

  private String scaled(String x) {
    return switch (random.nextInt(3)) {
      case 0 -> {
        String scale = add("layer-scale", parameter(Shape.of(channels(x), 1, 1), Role.LAYER_SCALE));
        yield add("times", new ElementOp.Arithmetic(Operation.MULTIPLY), scale, x);
      }
      case 1 -> add("affine", new ElementOp.Scale(1.5, -0.25), x);
      default -> add("clip", new ElementOp.Clip(-1, Double.POSITIVE_INFINITY), x);
    };
  }

  private String difference(String x) {
    String other = pointwise(x, random.nextInt(3) == 0 ? 1 : channels(x));
    if (random.nextInt(2) == 0) {
      return add("minus", new ElementOp.Arithmetic(Operation.SUBTRACT), x, other);
    }
    String positive = add("sigmoid", new ElementOp.Activation(Function.SIGMOID), other);
    positive = add("over-one", new ElementOp.Scale(1, 1), positive);
    return add("over", new ElementOp.Arithmetic(Operation.DIVIDE), x, positive);
  }
}
