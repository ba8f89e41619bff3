package io.prunegrid.format.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.testing.ReferenceInterpreter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class OnnxExportTest {
  @Test
  void whatIsWrittenAndReadAgainComputesTheSame() {
    Set<Class<?>> operators = new HashSet<>();
    for (long seed = 0; seed < 300; seed++) {
      ModelGraph graph = RandomNetworks.graph(seed, 1 + (int) (seed % 9), 6);
      graph.nodes().forEach(node -> operators.add(node.op().getClass()));
      Model model = RandomNetworks.model(graph, seed);
      Model again;
      try {
        again = OnnxImport.decode(OnnxExport.encode(model), "network " + seed);
      } catch (RuntimeException e) {
        throw new AssertionError(
            "network " + seed + ": " + e.getMessage() + "\n" + graph.nodes(), e);
      }
      double[] image = RandomNetworks.image(graph, seed);
      double[] expected = new ReferenceInterpreter(model).output(image);
      double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);

      assertThat(new ReferenceInterpreter(again).output(image))
          .as("network " + seed)
          .containsExactly(expected, Offset.offset(1e-5 * Math.max(1, largest)));
    }
    assertThat(operators).contains(Op.Conv2d.class, Op.PadChannels.class, Op.SelectChannels.class);
  }

  @Test
  void layersAreReadUnderTheNamesTheyWereWrittenWith() {
    ModelGraph graph = RandomNetworks.convolutional(3, 8, 6);
    Model model = RandomNetworks.model(graph, 3);

    Model again = OnnxImport.decode(OnnxExport.encode(model), "network");

    assertThat(again.weights().names()).hasSizeGreaterThan(10);
    assertThat(model.weights().asMap()).containsAllEntriesOf(again.weights().asMap());
  }
}
