package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import io.prunegrid.testing.RandomNetworks;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Instance normalization couples no channels: each is a group by itself. */
class SingleChannelGroupsTest {
  private static Op convolution(int in, int out) {
    return new Op.Conv2d(in, out, Size2d.ONE, Size2d.ONE, Size2d.square(0), Size2d.ONE, 1, true);
  }

  private static final ModelGraph GRAPH =
      new ModelGraph(
          List.of(
              new Node("x", new Op.Input(Shape.of(3, 4, 4)), List.of()),
              new Node("a", convolution(3, 8), List.of("x")),
              new Node("norm", new NormOp.GroupNorm(8, 8, 1e-3), List.of("a")),
              new Node("relu", new Op.Relu(), List.of("norm")),
              new Node("b", convolution(8, 2), List.of("relu"))),
          List.of("b"));

  @Test
  void anyNumberOfThemCanGo() {
    CoupledChannels channels = CoupledChannels.of(GRAPH);
    Model model = RandomNetworks.model(GRAPH, 5);
    int[] classes = channels.outClasses("a");
    assertThat(classes).doesNotHaveDuplicates();
    assertThat(channels.outClasses("norm")).isEqualTo(classes);
    BitSet removed = new BitSet();
    for (int gone : new int[] {6, 1, 2, 7, 4}) {
      removed.set(classes[gone]);

      assertThat(RemovalLaw.holds("without " + removed, model, channels, removed)).isTrue();
      int left = 8 - removed.cardinality();
      assertThat(Removal.remove(model, channels, removed).model().graph().node("norm").op())
          .isEqualTo(new NormOp.GroupNorm(left, left, 1e-3));
    }
  }
}
