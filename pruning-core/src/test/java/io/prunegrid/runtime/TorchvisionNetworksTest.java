package io.prunegrid.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.channel.Counts;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.MacConvention;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.testing.PruningOracle;
import io.prunegrid.testing.RecordedLogits;
import io.prunegrid.testing.RecordedNetwork;
import io.prunegrid.testing.Shared;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Torchvision's networks are torchvision's: parameters, costs, channels and what they compute. */
class TorchvisionNetworksTest {
  private static final List<String> TRAINED = List.of("resnet20", "resnet56");

  @ParameterizedTest
  @CsvSource({
    "vgg11, 132863336",
    "vgg13, 133047848",
    "vgg13_bn, 133053736",
    "vgg19, 143667240",
    "resnet101, 44549160",
    "resnet152, 60192808",
    "resnext101_32x8d, 88791336",
    "resnext101_64x4d, 83455272",
    "wide_resnet50_2, 68883240",
    "wide_resnet101_2, 126886696",
    "densenet161, 28681000",
    "densenet169, 14149480",
    "densenet201, 20013928",
    "squeezenet1_0, 1248424",
    "mobilenet_v3_large, 5483032",
    "efficientnet_b1, 7794184",
    "efficientnet_b2, 9109994",
    "efficientnet_b3, 12233232",
    "efficientnet_b4, 19341616",
    "efficientnet_b5, 30389784",
    "efficientnet_b6, 43040704",
    "efficientnet_b7, 66347960",
    "efficientnet_v2_s, 21458488",
    "efficientnet_v2_m, 54139356",
    "efficientnet_v2_l, 118515272",
    "shufflenet_v2_x0_5, 1366792",
    "shufflenet_v2_x1_5, 3503624",
    "shufflenet_v2_x2_0, 7393996",
    "mnasnet0_5, 2218512",
    "mnasnet0_75, 3170208",
    "mnasnet1_0, 4383312",
    "mnasnet1_3, 6282256",
    "regnet_x_400mf, 5495976",
    "regnet_x_800mf, 7259656",
    "regnet_x_1_6gf, 9190136",
    "regnet_x_3_2gf, 15296552",
    "regnet_x_8gf, 39572648",
    "regnet_x_16gf, 54278536",
    "regnet_x_32gf, 107811560",
    "regnet_y_800mf, 6432512",
    "regnet_y_1_6gf, 11202430",
    "regnet_y_3_2gf, 19436338",
    "regnet_y_8gf, 39381472",
    "regnet_y_16gf, 83590140",
    "regnet_y_32gf, 145046770",
    "regnet_y_128gf, 644812894",
    "convnext_small, 50223688",
    "convnext_base, 88591464",
    "convnext_large, 197767336",
    "vit_b_32, 88224232",
    "vit_l_16, 304326632",
    "vit_l_32, 306535400",
    "vit_h_14, 632045800"
  })
  void everyOtherSizeHasItsPublishedParameters(String name, long parameters) {
    ModelGraph graph = Zoo.build(name, Zoo.publishedSize(name));
    assertThat(Counts.of(graph).parameters()).isEqualTo(parameters);
    assertThat(CoupledChannels.of(graph).prunable(SelectionConfig.defaults())).isPositive();
  }

  @Test
  void recordedNetworksHaveTheirParametersCostsAndLogits() throws IOException {
    JsonNode recorded =
        new ObjectMapper()
            .readTree(Shared.require("oracle/torch-pruning/flops_base.json").toFile());
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      recorded
          .properties()
          .forEach(entry -> assertRecorded(engine, entry.getKey(), entry.getValue()));
    }
  }

  private static void assertRecorded(Engine engine, String name, JsonNode expected) {
    NetworkSize size = Zoo.publishedSize(name).withResolution(expected.get("input").asInt());
    ModelGraph graph = Zoo.build(name, size);
    Counts counts = Counts.of(graph);
    assertThat(counts.parameters()).as(name).isEqualTo(expected.get("params").asLong());
    assertThat(counts.macs()).as(name).isEqualTo(expected.get("conv_linear").asLong());
    assertThat(MacConvention.PLAIN.total(graph)).as(name).isEqualTo(counts.macs());
    assertThat(MacConvention.FVCORE.total(graph))
        .as(name)
        .isEqualTo(expected.get("fvcore_total").asLong());
    assertThat(MacConvention.TORCH_PRUNING.total(graph))
        .as(name)
        .isEqualTo(expected.get("tp_macs").asLong());
    Model model =
        TRAINED.contains(name)
            ? new RecordedNetwork(name).model()
            : new Model(graph, Procedural.weights(graph));
    Shape batch = Shape.of(1, 3, size.height(), size.width());
    try (InferenceSession session = engine.inference(model)) {
      float[] logits = session.logits(Procedural.input(0, batch).toArray(), 1);
      double largest = 0;
      for (float logit : logits) {
        largest = Math.max(largest, Math.abs(logit));
      }
      JsonNode first = expected.get("logits8");
      for (int i = 0; i < first.size(); i++) {
        assertThat((double) logits[i])
            .as("%s logit %d", name, i)
            .isCloseTo(first.get(i).asDouble(), within(1e-5 * largest));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fcn_resnet50", "retinanet_dense"})
  void denseNetworksComputeWhatIsRecordedForImagesOfAnySize(String name) {
    PruningOracle oracle = PruningOracle.read(name);
    NetworkSize published = Zoo.publishedSize(name);
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      assertLogits(engine, name, published.withResolution(128), oracle.base());
      assertLogits(engine, name, published.withImages(Shape.of(3, 100, 116)), oracle.baseOdd());
    }
  }

  private static void assertLogits(
      Engine engine, String name, NetworkSize size, PruningOracle.Recorded recorded) {
    ModelGraph graph = Zoo.build(name, size);
    Model model = new Model(graph, Procedural.weights(graph));
    RecordedLogits.assertSame(name + " " + size, engine, model, recorded, 1e-4);
  }
}
