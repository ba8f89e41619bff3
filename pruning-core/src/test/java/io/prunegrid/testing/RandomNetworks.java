package io.prunegrid.testing;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.ElementOp.Softmax.Output;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec.Role;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Small networks from a seed: residual sums, concatenations, grouped and depthwise convolutions,
 * padded shortcuts, selections, shared layers, flattened maps and {@link RandomBlocks}, in any
 * combination.
 */
public final class RandomNetworks {
  private static final int CONVOLUTIONAL_KINDS = 12;
  private static final int ALL_KINDS = 24;

  private final SplitMix64 random;
  private final GraphBuilder graph;
  private final List<String> tensors = new ArrayList<>();
  private final RandomBlocks blocks;
  private final int widest;
  private final int kinds;
  private int count;

  private RandomNetworks(long seed, int widest, int kinds) {
    this.kinds = kinds;
    this.random = SplitMix64.stream(seed, "network");
    this.widest = widest;
    this.graph = new GraphBuilder(Shape.of(1 + random.nextInt(3), 5, 5));
    this.blocks = new RandomBlocks(graph, random);
    tensors.add(convolution(graph.input(), width()));
  }

  /**
   * A network of random structure.
   *
   * @param steps operators or small blocks before the classifier
   * @param widest channels of the widest convolution, at least 2
   */
  public static ModelGraph graph(long seed, int steps, int widest) {
    return new RandomNetworks(seed, widest, ALL_KINDS).build(steps);
  }

  /** A network without {@link RandomBlocks}: what residual networks of convolutions are made of. */
  public static ModelGraph convolutional(long seed, int steps, int widest) {
    return new RandomNetworks(seed, widest, CONVOLUTIONAL_KINDS).build(steps);
  }

  private ModelGraph build(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
    }
    return finish();
  }

  /** Random weights: signed, a little more positive than not, so that few channels are dead. */
  public static Weights weights(ModelGraph graph, long seed) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    graph
        .parameters()
        .forEach(
            (name, spec) -> {
              SplitMix64 stream = SplitMix64.stream(seed, name);
              float[] values = new float[Math.toIntExact(spec.shape().size())];
              double fan = Math.max(1, spec.shape().size() / spec.shape().dim(0));
              for (int i = 0; i < values.length; i++) {
                double value = 2 * stream.nextDouble() - 0.8;
                boolean positive =
                    spec.role() == Role.RUNNING_VARIANCE
                        || spec.role() == Role.NORM_WEIGHT
                        || spec.role() == Role.LAYER_SCALE;
                values[i] =
                    (float)
                        (positive
                            ? 0.5 + stream.nextDouble()
                            : spec.role() == Role.WEIGHT ? value * 2 / Math.sqrt(fan) : value / 2);
              }
              tensors.put(name, Tensor.wrap(spec.shape(), values));
            });
    return new Weights(tensors);
  }

  /** A random image for this network. */
  public static double[] image(ModelGraph graph, long seed) {
    SplitMix64 stream = SplitMix64.stream(seed, "image");
    return IntStream.range(0, Math.toIntExact(graph.input().size()))
        .mapToDouble(i -> 2 * stream.nextDouble() - 1)
        .toArray();
  }

  public static Model model(ModelGraph graph, long seed) {
    return new Model(graph, weights(graph, seed));
  }

  private void step() {
    String x = any();
    switch (random.nextInt(kinds)) {
      case 0 -> tensors.add(convolution(x, width()));
      case 1 -> tensors.add(graph.relu(name("relu"), graph.batchNorm(name("bn"), x)));
      case 2 -> tensors.add(sum(x, convolution(x, graph.shape(x).channels())));
      case 3 -> tensors.add(concat(x));
      case 4 -> tensors.add(grouped(x));
      case 5 -> tensors.add(depthwise(x));
      case 6 -> tensors.add(paddedShortcut(x));
      case 7 -> tensors.add(selection(x));
      case 8 -> tensors.add(graph.maxPool(name("pool"), x, 2, 1, 0));
      case 9 -> tensors.add(graph.add(name("dropout"), new Op.Dropout(0.5), x));
      case 10 -> shared(x);
      case 11 -> tensors.add(sumOfEquals(x));
      default -> tensors.add(blocks.any(x));
    }
  }

  private ModelGraph finish() {
    String x = tensors.get(tensors.size() - 1);
    List<String> others =
        tensors.stream()
            .filter(t -> graph.shape(t).withDim(0, 0).equals(graph.shape(x).withDim(0, 0)))
            .filter(t -> !t.equals(x))
            .limit(2)
            .toList();
    String last = x;
    if (!others.isEmpty() && random.nextInt(2) == 0) {
      List<String> all = new ArrayList<>(others);
      all.add(x);
      last = graph.add(name("concat"), new Op.Concat(), all.toArray(String[]::new));
    }
    if (random.nextInt(2) == 0) {
      last = graph.adaptiveAvgPool(name("mean"), last, 1 + random.nextInt(2));
    }
    last = graph.flatten(name("flatten"), last);
    if (random.nextInt(2) == 0) {
      last = graph.relu(name("relu"), graph.linear(name("hidden"), last, width()));
    }
    String logits = graph.linear("classifier", last, 3);
    return graph.build(
        kinds == ALL_KINDS && random.nextInt(4) == 0
            ? graph.add("logarithm", new ElementOp.Softmax(0, Output.LOGARITHM), logits)
            : logits);
  }

  private String any() {
    // Recent tensors more often, so that networks are deep rather than wide.
    int back = Math.min(random.nextInt(3), tensors.size() - 1);
    String x = tensors.get(tensors.size() - 1 - back);
    return graph.shape(x).dim(1) < 2 ? tensors.get(0) : x;
  }

  private int width() {
    return 2 + random.nextInt(widest - 1);
  }

  private String name(String kind) {
    return kind + count++;
  }

  private String convolution(String x, int out) {
    return conv(x, out, 1, 1);
  }

  private String conv(String x, int out, int groups, int stride) {
    return graph.add(
        name("conv"),
        new Op.Conv2d(
            graph.shape(x).channels(),
            out,
            Size2d.square(3),
            Size2d.square(stride),
            Size2d.ONE,
            Size2d.ONE,
            groups,
            random.nextInt(2) == 0),
        x);
  }

  private String sum(String x, String y) {
    return graph.add(name("add"), new Op.Add(), x, y);
  }

  private String concat(String x) {
    return graph.add(name("concat"), new Op.Concat(), x, convolution(x, width()));
  }

  private String grouped(String x) {
    int channels = graph.shape(x).channels();
    int groups = channels % 2 == 0 ? 2 : channels % 3 == 0 ? 3 : 1;
    return conv(x, groups * (1 + random.nextInt(2)), groups, 1);
  }

  private String depthwise(String x) {
    int channels = graph.shape(x).channels();
    return conv(x, channels * (1 + random.nextInt(2)), channels, 1);
  }

  /** Every second pixel and zeros around the channels, added to a convolution of stride 2. */
  private String paddedShortcut(String x) {
    int channels = graph.shape(x).channels();
    int before = random.nextInt(3);
    int after = random.nextInt(3);
    String y = conv(x, channels + before + after, 1, 2);
    String shortcut = graph.add(name("subsample"), new Op.Subsample2d(2), x);
    shortcut = graph.add(name("pad"), new Op.PadChannels(before, after), shortcut);
    if (random.nextInt(4) == 0) {
      tensors.add(shortcut);
    }
    if (random.nextInt(4) == 0) {
      shortcut = graph.batchNorm(name("bn"), shortcut);
    }
    if (random.nextInt(4) == 0) {
      tensors.add(sum(shortcut, conv(x, channels + before + after, 1, 2)));
    }
    return sum(y, shortcut);
  }

  /** One layer that runs on two tensors. */
  private void shared(String x) {
    String y = convolution(x, graph.shape(x).channels());
    Op layer =
        new Op.Conv2d(
            graph.shape(x).channels(),
            width(),
            Size2d.square(3),
            Size2d.ONE,
            Size2d.ONE,
            Size2d.ONE,
            1,
            true);
    String module = name("shared");
    tensors.add(graph.add(new Node(module, layer, List.of(x))));
    tensors.add(graph.add(new Node(module + "again", layer, List.of(y), module)));
  }

  private String selection(String x) {
    int channels = graph.shape(x).channels();
    List<Integer> chosen =
        IntStream.range(0, channels).filter(c -> random.nextInt(3) > 0).boxed().toList();
    return chosen.isEmpty() ? x : graph.add(name("select"), new Op.SelectChannels(chosen), x);
  }

  private String sumOfEquals(String x) {
    List<String> equals =
        tensors.stream().filter(t -> graph.shape(t).equals(graph.shape(x))).toList();
    return sum(x, equals.get(random.nextInt(equals.size())));
  }
}
