package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.testing.Shared;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CountsTest {
  @Test
  void zooNetworksHaveTheRecordedParametersAndMacs() throws IOException {
    JsonNode recorded =
        new ObjectMapper()
            .readTree(Shared.require("oracle/torch-pruning/flops_base.json").toFile());
    int compared = 0;
    for (String name : Zoo.names()) {
      JsonNode base = recorded.path(name);
      if (!base.isMissingNode()) {
        Counts counts = Counts.of(Zoo.build(name, Zoo.publishedSize(name)));
        assertThat(counts.parameters()).as(name).isEqualTo(base.get("params").asLong());
        assertThat(counts.macs()).as(name).isEqualTo(base.get("conv_linear").asLong());
        compared++;
      }
    }
    assertThat(compared).isGreaterThanOrEqualTo(6);
  }

  @Test
  void zeroWeightsCostNothing() {
    GraphBuilder builder = new GraphBuilder(Shape.of(1, 4, 4));
    String x = builder.conv("a", builder.input(), 2, 3, 1, 1, Bias.YES);
    ModelGraph graph = builder.build(builder.linear("fc", builder.flatten("flatten", x), 2));
    Model model = RandomNetworks.model(graph, 1);
    float[] values = model.weights().get("a.weight").toArray();
    values[3] = 0;
    values[4] = -0f;
    Model sparse =
        new Model(
            graph,
            model.weights().with(Map.of("a.weight", Tensor.wrap(Shape.of(2, 1, 3, 3), values))));
    Counts whole = Counts.of(graph);
    assertThat(whole.parameters()).isEqualTo(18 + 2 + 64 + 2);
    assertThat(whole.macs()).isEqualTo(18 * 16 + 64);
    Counts nonzero = Counts.nonzero(sparse);
    assertThat(nonzero.parameters()).isEqualTo(whole.parameters() - 2);
    assertThat(nonzero.macs()).isEqualTo(whole.macs() - 2 * 16);
    assertThat(nonzero.layers().get("a")).isEqualTo(new Counts.LayerCounts(18, 16 * 16));
  }
}
