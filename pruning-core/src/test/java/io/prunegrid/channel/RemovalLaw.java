package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.TokenOp;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.testing.ReferenceInterpreter;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The law of removal: the pruned network computes what the original does with the removed channels
 * silenced at everything that reads them.
 */
final class RemovalLaw {
  private static final double TOLERANCE = 1e-9;

  /**
   * Of the first image, so that the biases of deep networks do not drown it; the second is as it
   * is, since bounded nonlinearities give the same for all that is bright.
   */
  private static final double BRIGHT = 100;

  private RemovalLaw() {}

  /**
   * Asserts that the pruned network is whole and computes what the silenced one does, for two
   * images.
   *
   * @return whether the outputs differ between the images; where not, little has been proven
   */
  static boolean holds(String what, Model model, CoupledChannels channels, BitSet removed) {
    Pruned pruned = Removal.remove(model, channels, removed);
    assertWhole(what, pruned, channels.attention());
    ReferenceInterpreter smaller = new ReferenceInterpreter(pruned.model());
    ReferenceInterpreter silenced =
        new ReferenceInterpreter(silenced(model, channels, removed), survivors(channels, removed));
    double[][] logits = new double[2][];
    for (int image = 0; image < 2; image++) {
      double brightness = image == 0 ? BRIGHT : 1;
      double[] x =
          Arrays.stream(RandomNetworks.image(model.graph(), image))
              .map(v -> brightness * v)
              .toArray();
      logits[image] = all(smaller, x);
      assertClose(what, logits[image], all(silenced, x));
    }
    return distance(logits[0], logits[1]) > 1e-3 * largest(logits[0]);
  }

  /** Every output of the network, one after the other. */
  private static double[] all(ReferenceInterpreter network, double[] image) {
    return network.results(image).stream().flatMapToDouble(Arrays::stream).toArray();
  }

  private static void assertWhole(String what, Pruned pruned, AttentionUnit unit) {
    ModelGraph graph = pruned.model().graph();
    CoupledChannels left = CoupledChannels.of(graph, unit);
    for (Node layer : graph.layers()) {
      LayerKept kept = pruned.layers().get(layer.module());
      Shape out = graph.shape(layer.name());
      int axis = left.axis(layer.name());
      boolean single = kept.out().of() == 1 && kept.out().isWhole();
      assertThat(kept.out().count())
          .as(what + " " + layer.name())
          .isEqualTo(single ? 1 : out.dim(axis));
      Shape in = layer.inputs().isEmpty() ? out : graph.inputShape(layer, 0);
      int read = layer.op() instanceof Op.Linear ? in.rank() - 1 : 0;
      kept.in()
          .ifPresent(
              k -> assertThat(k.count()).as(what + " " + layer.name()).isEqualTo(in.dim(read)));
    }
    for (Node node : graph.nodes()) {
      assertThat(graph.shape(node.name()).size()).as(what + " " + node.name()).isPositive();
    }
  }

  /** Of normalizing and attending nodes, which elements of the output stay. */
  static Map<String, boolean[]> survivors(CoupledChannels channels, BitSet removed) {
    Map<String, boolean[]> survivors = new HashMap<>();
    for (Node node : channels.graph().nodes()) {
      if (node.op() instanceof NormOp || node.op() instanceof TokenOp.MultiHeadAttention) {
        Shape shape = channels.graph().shape(node.name());
        int axis = channels.axis(node.name());
        int[] ids = channels.tensor(node.name());
        int inner = 1;
        for (int i = axis + 1; i < shape.rank(); i++) {
          inner *= shape.dim(i);
        }
        boolean[] stays = new boolean[Math.toIntExact(shape.size())];
        for (int i = 0; i < stays.length; i++) {
          int id = ids[i / inner % shape.dim(axis)];
          stays[i] = id == CoupledChannels.NO_CLASS || !removed.get(id);
        }
        survivors.put(node.name(), stays);
      }
    }
    return survivors;
  }

  /** The original with every consumer's weights for the removed channels at zero. */
  private static Model silenced(Model model, CoupledChannels channels, BitSet removed) {
    Map<String, Tensor> changed = new HashMap<>();
    Map<String, Tensor> masks = Removal.masks(model.graph(), channels, removed);
    for (Node layer : model.graph().layers()) {
      int[] reads = channels.inClasses(layer.module()).orElse(null);
      if (layer.op() instanceof TokenOp.MultiHeadAttention || layer.name().startsWith("qkv")) {
        // In attention queries, keys and values consume each other's channels.
        for (ParameterSpec spec : layer.op().parameters()) {
          String name = layer.parameterName(spec);
          if (masks.containsKey(name)) {
            changed.put(name, product(model.weights().get(name), masks.get(name)));
          }
        }
      }
      if (reads == null) {
        continue;
      }
      String name = layer.parameterName("weight");
      Tensor weight = changed.getOrDefault(name, model.weights().get(name));
      changed.put(name, silenced(layer.op(), weight, reads, removed));
    }
    return new Model(model.graph(), model.weights().with(changed));
  }

  private static Tensor silenced(Op op, Tensor weight, int[] reads, BitSet removed) {
    float[] values = weight.toArray();
    int rows = weight.shape().dim(0);
    boolean transposed = op instanceof SpatialOp.ConvTranspose2d;
    int perGroup = weight.shape().dim(1);
    int groups = op instanceof Op.Conv2d conv ? conv.groups() : 1;
    int kernel = values.length / rows / perGroup;
    for (int p = 0; p < reads.length; p++) {
      if (reads[p] == CoupledChannels.NO_CLASS || !removed.get(reads[p])) {
        continue;
      }
      if (transposed) {
        Arrays.fill(values, p * perGroup * kernel, (p + 1) * perGroup * kernel, 0f);
        continue;
      }
      int group = p / perGroup;
      for (int o = group * (rows / groups); o < (group + 1) * (rows / groups); o++) {
        int start = (o * perGroup + p % perGroup) * kernel;
        Arrays.fill(values, start, start + kernel, 0f);
      }
    }
    return Tensor.wrap(weight.shape(), values);
  }

  private static Tensor product(Tensor a, Tensor b) {
    float[] values = a.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] *= b.at(i);
    }
    return Tensor.wrap(a.shape(), values);
  }

  static void assertClose(String what, double[] actual, double[] expected) {
    assertThat(distance(actual, expected))
        .as(what)
        .isLessThanOrEqualTo(TOLERANCE * largest(expected));
  }

  private static double distance(double[] a, double[] b) {
    assertThat(a).hasSameSizeAs(b);
    return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).max().orElse(0);
  }

  private static double largest(double[] a) {
    return Arrays.stream(a).map(Math::abs).max().orElse(0);
  }
}
