package io.prunegrid.channel;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Takes classes of coupled channels out of a network, or silences them in place.
 *
 * <p>The law of removal: where every consumer's weights for the removed channels are zero, the
 * original computes the same function as the smaller network.
 */
public final class Removal {
  private Removal() {}

  /** The network without the selected classes. */
  public static Pruned remove(Model model, CoupledChannels channels, Selection selection) {
    return remove(model, channels, selection.removed());
  }

  /**
   * The network without these classes: their positions are gone from every tensor.
   *
   * @param removed class ids, none of them pinned
   * @throws IllegalArgumentException where a class is pinned, where a layer would be left without
   *     channels, or where the classes were found in another graph
   */
  public static Pruned remove(Model model, CoupledChannels channels, BitSet removed) {
    Map<String, LayerKept> layers = kept(model.graph(), channels, removed);
    if (removed.isEmpty()) {
      return new Pruned(model, layers);
    }
    ModelGraph graph = new SmallerGraph(channels, removed, layers).build();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Node layer : model.graph().layers()) {
      LayerKept kept = layers.get(layer.module());
      for (ParameterSpec spec : layer.op().parameters()) {
        String name = layer.parameterName(spec);
        tensors.put(
            name, ParameterCut.apply(model.weights().get(name), cuts(channels, layer, spec, kept)));
      }
    }
    return new Pruned(new Model(graph, new Weights(tensors)), layers);
  }

  /** The same structure with the selected classes silent. */
  public static Pruned zero(Model model, CoupledChannels channels, Selection selection) {
    return zero(model, channels, selection.removed());
  }

  /**
   * The same structure with these classes silent: every weight, bias, scale and shift that {@link
   * #remove} would take out is zero, so that the network computes what the smaller one does.
   * Running statistics stay.
   *
   * @param removed class ids, none of them pinned
   * @throws IllegalArgumentException as {@link #remove} does
   */
  public static Pruned zero(Model model, CoupledChannels channels, BitSet removed) {
    return new Pruned(
        WeightMasks.apply(model, masks(model.graph(), channels, removed)),
        kept(model.graph(), channels, removed));
  }

  /**
   * Zeros where {@link #zero} puts zeros and ones elsewhere, for every parameter that it touches;
   * kept while retraining, they hold the channels silent.
   */
  public static Map<String, Tensor> masks(
      ModelGraph graph, CoupledChannels channels, BitSet removed) {
    Map<String, LayerKept> layers = kept(graph, channels, removed);
    Map<String, Tensor> masks = new LinkedHashMap<>();
    for (Node layer : graph.layers()) {
      LayerKept kept = layers.get(layer.module());
      for (ParameterSpec spec : layer.op().parameters()) {
        List<ParameterCut> cuts = cuts(channels, layer, spec, kept);
        if (!cuts.isEmpty() && !spec.role().isBuffer()) {
          masks.put(layer.parameterName(spec), ParameterCut.mask(spec.shape(), cuts));
        }
      }
    }
    return masks;
  }

  /**
   * Zeros in some of the silenced channels' own tensors and ones elsewhere: rows of the weights
   * that make them, their biases, scales and shifts of their normalizations. What reads them keeps
   * its weights.
   *
   * @param parts which of these
   */
  public static Map<String, Tensor> masks(
      ModelGraph graph, CoupledChannels channels, BitSet removed, List<Limits.ZeroPart> parts) {
    Map<String, LayerKept> layers = kept(graph, channels, removed);
    Map<String, Tensor> masks = new LinkedHashMap<>();
    for (Node layer : graph.layers()) {
      LayerKept kept = layers.get(layer.module());
      LayerKept own = new LayerKept(kept.out(), kept.in().map(Removal::whole));
      for (ParameterSpec spec : layer.op().parameters()) {
        List<ParameterCut> cuts = cuts(channels, layer, spec, own);
        boolean wanted = part(spec.role()).map(parts::contains).orElse(false);
        if (wanted && !cuts.isEmpty()) {
          masks.put(layer.parameterName(spec), ParameterCut.mask(spec.shape(), cuts));
        }
      }
    }
    return masks;
  }

  private static KeptChannels whole(KeptChannels in) {
    return new KeptChannels(in.of(), IntStream.range(0, in.of()).toArray());
  }

  private static Optional<Limits.ZeroPart> part(ParameterSpec.Role role) {
    return switch (role) {
      case WEIGHT -> Optional.of(Limits.ZeroPart.WEIGHT);
      case BIAS -> Optional.of(Limits.ZeroPart.BIAS);
      case NORM_WEIGHT, NORM_BIAS -> Optional.of(Limits.ZeroPart.NORM);
      case RUNNING_MEAN, RUNNING_VARIANCE, EMBEDDING, LAYER_SCALE -> Optional.empty();
    };
  }

  /**
   * The structure without these classes, for which no weights are needed.
   *
   * @throws IllegalArgumentException as {@link #remove} does
   */
  public static ModelGraph structure(CoupledChannels channels, BitSet removed) {
    Map<String, LayerKept> layers = kept(channels, removed);
    return removed.isEmpty()
        ? channels.graph()
        : new SmallerGraph(channels, removed, layers).build();
  }

  /**
   * What is left of every layer that owns weights without these classes.
   *
   * @throws IllegalArgumentException where a class is pinned or a layer would be left without
   *     channels
   */
  public static Map<String, LayerKept> kept(CoupledChannels channels, BitSet removed) {
    return kept(channels.graph(), channels, removed);
  }

  private static Map<String, LayerKept> kept(
      ModelGraph graph, CoupledChannels channels, BitSet removed) {
    if (!channels.graph().equals(graph)) {
      throw new IllegalArgumentException("the classes were found in another graph");
    }
    for (int id = removed.nextSetBit(0); id >= 0; id = removed.nextSetBit(id + 1)) {
      Optional<String> pinned = channels.classes().get(id).pinned();
      if (pinned.isPresent()) {
        throw new IllegalArgumentException(
            "class " + id + " cannot be removed: it " + pinned.get());
      }
    }
    Map<String, LayerKept> layers = new LinkedHashMap<>();
    for (Node layer : graph.layers()) {
      String name = layer.module();
      int[] reads = channels.read(name);
      KeptChannels out = kept(channels.written(name), removed);
      Optional<KeptChannels> in =
          reads == null ? Optional.empty() : Optional.of(kept(reads, removed));
      if (out.count() == 0 || in.map(read -> read.count() == 0).orElse(false)) {
        throw new IllegalArgumentException("layer '" + name + "' would be left without channels");
      }
      layers.put(name, new LayerKept(out, in));
    }
    return layers;
  }

  private static KeptChannels kept(int[] ids, BitSet removed) {
    int[] kept = new int[ids.length];
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == CoupledChannels.NO_CLASS || !removed.get(ids[i])) {
        kept[count++] = i;
      }
    }
    return new KeptChannels(ids.length, Arrays.copyOf(kept, count));
  }

  private static List<ParameterCut> cuts(
      CoupledChannels channels, Node layer, ParameterSpec spec, LayerKept kept) {
    return ParameterCut.of(
        layer, spec, kept, channels.axis(layer.name()), channels.graph().shape(layer.name()));
  }
}
