package io.prunegrid.zoo;

import io.prunegrid.graph.ElementOp.Function;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.ModelGraph;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * EfficientNet (Tan, Le, ICML 2019) and EfficientNetV2 (ICML 2021) as torchvision builds and names
 * them.
 *
 * @param stages blocks of one width each
 * @param last channels before the classifier; 0 for four times the last stage's
 * @param dropout before the classifier
 * @param eps of batch normalization
 * @param momentum of batch normalization
 */
record EfficientNet(List<Stage> stages, int last, double dropout, double eps, double momentum)
    implements Recipe {
  /** Kinds of blocks. */
  enum Kind {
    /** 1x1, depthwise, squeeze and excite, 1x1. */
    INVERTED,
    /** One convolution in place of the first two. */
    FUSED
  }

  /**
   * Blocks of one width.
   *
   * @param stride of the first of them
   */
  record Stage(Kind kind, int expansion, int kernel, int stride, int in, int out, int blocks) {}

  private static final double DEPTH_PROBABILITY = 0.2;

  private static final List<Stage> BASE =
      List.of(
          new Stage(Kind.INVERTED, 1, 3, 1, 32, 16, 1),
          new Stage(Kind.INVERTED, 6, 3, 2, 16, 24, 2),
          new Stage(Kind.INVERTED, 6, 5, 2, 24, 40, 2),
          new Stage(Kind.INVERTED, 6, 3, 2, 40, 80, 3),
          new Stage(Kind.INVERTED, 6, 5, 1, 80, 112, 3),
          new Stage(Kind.INVERTED, 6, 5, 2, 112, 192, 4),
          new Stage(Kind.INVERTED, 6, 3, 1, 192, 320, 1));

  static final EfficientNet V2_S =
      v2(
          0.2,
          new Stage(Kind.FUSED, 1, 3, 1, 24, 24, 2),
          new Stage(Kind.FUSED, 4, 3, 2, 24, 48, 4),
          new Stage(Kind.FUSED, 4, 3, 2, 48, 64, 4),
          new Stage(Kind.INVERTED, 4, 3, 2, 64, 128, 6),
          new Stage(Kind.INVERTED, 6, 3, 1, 128, 160, 9),
          new Stage(Kind.INVERTED, 6, 3, 2, 160, 256, 15));

  static final EfficientNet V2_M =
      v2(
          0.3,
          new Stage(Kind.FUSED, 1, 3, 1, 24, 24, 3),
          new Stage(Kind.FUSED, 4, 3, 2, 24, 48, 5),
          new Stage(Kind.FUSED, 4, 3, 2, 48, 80, 5),
          new Stage(Kind.INVERTED, 4, 3, 2, 80, 160, 7),
          new Stage(Kind.INVERTED, 6, 3, 1, 160, 176, 14),
          new Stage(Kind.INVERTED, 6, 3, 2, 176, 304, 18),
          new Stage(Kind.INVERTED, 6, 3, 1, 304, 512, 5));

  static final EfficientNet V2_L =
      v2(
          0.4,
          new Stage(Kind.FUSED, 1, 3, 1, 32, 32, 4),
          new Stage(Kind.FUSED, 4, 3, 2, 32, 64, 7),
          new Stage(Kind.FUSED, 4, 3, 2, 64, 96, 7),
          new Stage(Kind.INVERTED, 4, 3, 2, 96, 192, 10),
          new Stage(Kind.INVERTED, 6, 3, 1, 192, 224, 19),
          new Stage(Kind.INVERTED, 6, 3, 2, 224, 384, 25),
          new Stage(Kind.INVERTED, 6, 3, 1, 384, 640, 7));

  /** The first family, scaled in width and depth. */
  static EfficientNet scaled(
      double width, double depth, double dropout, double eps, double momentum) {
    List<Stage> stages =
        BASE.stream()
            .map(
                s ->
                    new Stage(
                        s.kind,
                        s.expansion,
                        s.kernel,
                        s.stride,
                        Blocks.divisible(s.in * width, 8),
                        Blocks.divisible(s.out * width, 8),
                        (int) Math.ceil(s.blocks * depth)))
            .toList();
    return new EfficientNet(stages, 0, dropout, eps, momentum);
  }

  private static EfficientNet v2(double dropout, Stage... stages) {
    return new EfficientNet(List.of(stages), 1280, dropout, 1e-3, 0.1);
  }

  @Override
  public ModelGraph build(NetworkSize size) {
    GraphBuilder graph = new GraphBuilder(size.input());
    Blocks parts = new Blocks(graph, eps, momentum);
    UnaryOperator<String> silu = y -> parts.apply(Function.SILU, y);
    String x = parts.convNorm("features.0", graph.input(), stages.get(0).in, 3, 2, 1, silu);
    double total = stages.stream().mapToInt(Stage::blocks).sum();
    int number = 0;
    for (int s = 0; s < stages.size(); s++) {
      Stage stage = stages.get(s);
      for (int i = 0; i < stage.blocks; i++) {
        String name = "features." + (s + 1) + "." + i;
        int stride = i == 0 ? stage.stride : 1;
        double p = DEPTH_PROBABILITY * number++ / total;
        x =
            residual(
                parts,
                name,
                x,
                stage.kind == Kind.FUSED
                    ? fused(parts, name + ".block", x, stage, stride, silu)
                    : inverted(parts, name + ".block", x, stage, stride, silu),
                stride,
                p);
      }
    }
    int width = last == 0 ? 4 * parts.channels(x) : last;
    x = parts.convNorm("features." + (stages.size() + 1), x, width, 1, 1, 1, silu);
    x = parts.dropout("classifier.0", parts.pooled(x), dropout);
    return graph.build(graph.linear("classifier.1", x, size.classes()));
  }

  private static String residual(
      Blocks parts, String name, String x, String y, int stride, double p) {
    if (stride != 1 || parts.channels(x) != parts.channels(y)) {
      return y;
    }
    return parts.add(name + ".add", parts.stochasticDepth(name + ".stochastic_depth", y, p), x);
  }

  private static String inverted(
      Blocks parts, String name, String x, Stage stage, int stride, UnaryOperator<String> silu) {
    int in = parts.channels(x);
    int hidden = Blocks.divisible(in * stage.expansion, 8);
    int index = 0;
    String y = x;
    if (hidden != in) {
      y = parts.convNorm(name + "." + index++, y, hidden, 1, 1, 1, silu);
    }
    y = parts.convNorm(name + "." + index++, y, hidden, stage.kernel, stride, hidden, silu);
    y = parts.excite(name + "." + index++, y, Math.max(1, in / 4), silu, Function.SIGMOID);
    return parts.convNorm(name + "." + index, y, stage.out, 1, 1, 1, UnaryOperator.identity());
  }

  private static String fused(
      Blocks parts, String name, String x, Stage stage, int stride, UnaryOperator<String> silu) {
    int in = parts.channels(x);
    int hidden = Blocks.divisible(in * stage.expansion, 8);
    if (hidden == in) {
      return parts.convNorm(name + ".0", x, stage.out, stage.kernel, stride, 1, silu);
    }
    String y = parts.convNorm(name + ".0", x, hidden, stage.kernel, stride, 1, silu);
    return parts.convNorm(name + ".1", y, stage.out, 1, 1, 1, UnaryOperator.identity());
  }
}
