package io.prunegrid.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.common.BadInput;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Shape;
import io.prunegrid.testing.Shared;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZooTest {
  @ParameterizedTest
  @ValueSource(strings = {"resnet20", "resnet56", "resnet18", "resnet50", "vgg16", "vgg16_bn"})
  void publishedNetworksHaveTheReferencesParametersAndMacs(String name) throws IOException {
    JsonNode reference =
        new ObjectMapper()
            .readTree(Shared.require("oracle/torch-pruning/flops_base.json").toFile())
            .get(name);
    ModelGraph graph = Zoo.build(name, Zoo.publishedSize(name));

    assertThat(parameters(graph)).isEqualTo(reference.get("params").longValue());
    assertThat(macs(graph)).isEqualTo(reference.get("conv_linear").longValue());
    long convolutions =
        graph.nodes().stream().filter(node -> node.op() instanceof Op.Conv2d).count();
    assertThat(convolutions).isEqualTo(reference.get("conv_layers").longValue());
    // Torch counts a num_batches_tracked for each batch normalization among the buffers.
    assertThat(buffers(graph)).isEqualTo(reference.get("buffers").longValue());
  }

  /** Parameter counts of the paper's table 6, to three digits, for the depths without a record. */
  @ParameterizedTest
  @CsvSource({"resnet32, 464154", "resnet44, 658586", "resnet110, 1727962", "small-cnn, 93482"})
  void otherNetworksHaveTheirPublishedParameters(String name, long parameters) {
    assertThat(parameters(Zoo.build(name, Zoo.publishedSize(name)))).isEqualTo(parameters);
  }

  @Test
  void everyNetworkTakesAnyClassCountChannelsAndResolution() {
    for (String name : Zoo.names()) {
      if (name.startsWith("vit") || name.startsWith("regnet_y_128")) {
        continue;
      }
      boolean needsLarge = name.equals("alexnet") || name.startsWith("inception");
      for (NetworkSize size :
          new NetworkSize[] {
            new NetworkSize(3, 1, needsLarge ? 133 : 33, needsLarge ? 147 : 47),
            new NetworkSize(1, 4, needsLarge ? 164 : 64, needsLarge ? 140 : 40),
            new NetworkSize(7, 2, 97, 97)
          }) {
        ModelGraph graph = Zoo.build(name, size);
        assertThat(graph.input()).isEqualTo(Shape.of(size.channels(), size.height(), size.width()));
        Shape output = graph.shape(graph.outputs().get(0));
        int anchors = name.startsWith("retinanet") ? 9 : 1;
        assertThat(output.channels()).as(name).isEqualTo(anchors * size.classes());
      }
    }
  }

  @Test
  void vitTakesImagesOfWholePatches() {
    ModelGraph graph = Zoo.build("vit_b_32", new NetworkSize(3, 1, 64, 96));
    assertThat(graph.parameters().get("encoder.pos_embedding").shape())
        .isEqualTo(Shape.of(1, 7, 768));
    assertThatThrownBy(() -> Zoo.build("vit_b_32", new NetworkSize(3, 1, 65, 96)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("patches");
  }

  @Test
  void aResolutionTooSmallNamesTheNodeThatFails() {
    assertThatThrownBy(() -> Zoo.build("vgg16", new NetworkSize(10, 3, 16, 16)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("features.30")
        .hasMessageContaining("(3x16x16)");
  }

  @Test
  void sizesThatNoNetworkHasAreRefusedTogether() {
    assertThatThrownBy(() -> Zoo.build("resnet20", new NetworkSize(0, -1, 32, 32)))
        .isInstanceOfSatisfying(BadInput.class, error -> assertThat(error.problems()).hasSize(2));
    assertThatThrownBy(() -> Zoo.build("resnet20", new NetworkSize(2_000_000_000, 3, 32, 32)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("linear.weight");
  }

  @Test
  void anUnknownNameOffersTheNearest() {
    assertThatThrownBy(() -> Zoo.publishedSize("resent20"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("did you mean 'resnet20'?");
  }

  private static long parameters(ModelGraph graph) {
    return graph.parameters().values().stream()
        .filter(spec -> !spec.role().isBuffer())
        .mapToLong(spec -> spec.shape().size())
        .sum();
  }

  private static long buffers(ModelGraph graph) {
    long norms = graph.nodes().stream().filter(n -> n.op() instanceof Op.BatchNorm2d).count();
    return norms
        + graph.parameters().values().stream()
            .filter(spec -> spec.role().isBuffer())
            .mapToLong(spec -> spec.shape().size())
            .sum();
  }

  private static long macs(ModelGraph graph) {
    long macs = 0;
    for (Node node : graph.nodes()) {
      for (ParameterSpec spec : node.op().parameters()) {
        if (spec.role() == ParameterSpec.Role.WEIGHT) {
          Shape input = graph.inputShape(node, 0);
          macs += spec.shape().size() * node.op().uses(input, graph.shape(node.name()));
        }
      }
    }
    return macs;
  }
}
