package io.prunegrid.channel;

import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.TokenOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What one dimension of a parameter keeps. */
final class ParameterCut {
  private final int dimension;
  private final int[] kept;

  /**
   * @param dimension of the stored tensor
   * @param kept positions that stay, ascending
   */
  private ParameterCut(int dimension, int[] kept) {
    this.dimension = dimension;
    this.kept = kept;
  }

  /**
   * What removal takes out of a parameter; dimensions that stay whole are in no cut.
   *
   * @param axis the axis of the layer's output along which its channels lie
   */
  static List<ParameterCut> of(
      Node layer, ParameterSpec spec, LayerKept kept, int axis, Shape output) {
    Op op = layer.op();
    List<ParameterCut> cuts = new ArrayList<>();
    if (op instanceof TokenOp.MultiHeadAttention) {
      attention(cuts, spec, kept.out());
    } else if (op instanceof NormOp.LayerNorm norm) {
      add(cuts, axis - output.rank() + norm.normalized().rank(), kept.out());
    } else if (op instanceof TokenOp.Parameter parameter) {
      add(cuts, axis + parameter.stored().rank() - parameter.shape().rank(), kept.out());
    } else if (op instanceof SpatialOp.ConvTranspose2d conv && spec.shape().rank() > 1) {
      if (conv.isDepthwise()) {
        add(cuts, 0, divided(kept.out(), conv.multiplier()));
      } else {
        add(cuts, 0, kept.in().orElseThrow());
        addWithinGroup(cuts, kept.out(), conv.groups());
      }
    } else {
      add(cuts, 0, kept.out());
      if (spec.shape().rank() > 1 && kept.in().isPresent()) {
        addWithinGroup(cuts, kept.in().get(), op instanceof Op.Conv2d conv ? conv.groups() : 1);
      }
    }
    return cuts;
  }

  /** The tensor without what the cuts take out. */
  static Tensor apply(Tensor tensor, List<ParameterCut> cuts) {
    if (cuts.size() == 2 && cuts.get(0).dimension == 0 && cuts.get(1).dimension == 1) {
      return tensor.select(cuts.get(0).kept, cuts.get(1).kept);
    }
    Tensor smaller = tensor;
    for (ParameterCut cut : cuts) {
      smaller = smaller.select(cut.dimension, cut.kept);
    }
    return smaller;
  }

  /** Ones where all cuts keep a value and zeros elsewhere. */
  static Tensor mask(Shape shape, List<ParameterCut> cuts) {
    boolean[] kept = new boolean[Math.toIntExact(shape.size())];
    Arrays.fill(kept, true);
    for (ParameterCut cut : cuts) {
      int inner = 1;
      for (int i = cut.dimension + 1; i < shape.rank(); i++) {
        inner *= shape.dim(i);
      }
      int size = shape.dim(cut.dimension);
      boolean[] stays = new boolean[size];
      for (int position : cut.kept) {
        stays[position] = true;
      }
      for (int i = 0; i < kept.length; i++) {
        kept[i] &= stays[i / inner % size];
      }
    }
    float[] mask = new float[kept.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = kept[i] ? 1f : 0f;
    }
    return Tensor.wrap(shape, mask);
  }

  /** Queries, keys and values stand one above the other in the projection of inputs. */
  private static void attention(List<ParameterCut> cuts, ParameterSpec spec, KeptChannels kept) {
    if (kept.isWhole()) {
      return;
    }
    int[] channels = kept.positions();
    int[] rows =
        spec.suffix().startsWith("in_proj")
            ? IntStream.range(0, 3)
                .flatMap(part -> Arrays.stream(channels).map(c -> part * kept.of() + c))
                .toArray()
            : channels;
    cuts.add(new ParameterCut(0, rows));
    if (spec.shape().rank() > 1) {
      cuts.add(new ParameterCut(1, channels));
    }
  }

  private static KeptChannels divided(KeptChannels kept, int multiplier) {
    return new KeptChannels(
        kept.of() / multiplier,
        Arrays.stream(kept.positions())
            .filter(position -> position % multiplier == 0)
            .map(position -> position / multiplier)
            .toArray());
  }

  private static void add(List<ParameterCut> cuts, int dimension, KeptChannels kept) {
    if (!kept.isWhole()) {
      cuts.add(new ParameterCut(dimension, kept.positions()));
    }
  }

  /** A weight's second dimension counts within a group; groups lose the same positions. */
  private static void addWithinGroup(List<ParameterCut> cuts, KeptChannels kept, int groups) {
    if (!kept.isWhole()) {
      int size = kept.of() / groups;
      cuts.add(
          new ParameterCut(
              1, Arrays.stream(kept.positions()).filter(position -> position < size).toArray()));
    }
  }
}
