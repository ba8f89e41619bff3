package io.prunegrid.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.common.Sha256;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.testing.Shared;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ProceduralTest {
  private static JsonNode vectors() throws IOException {
    return new ObjectMapper().readTree(Shared.require("oracle/procedural_vectors.json").toFile());
  }

  @Test
  void namesHashAsTheVectorsSay() throws IOException {
    vectors()
        .get("fnv1a64")
        .properties()
        .forEach(
            entry ->
                assertThat(SplitMix64.fnv1a64(entry.getKey()))
                    .isEqualTo(Long.parseUnsignedLong(entry.getValue().asText().substring(2), 16)));
  }

  @Test
  void resnet18IsTheVectorsNetworkToTheBit() throws IOException {
    ModelGraph graph = Zoo.build("resnet18", Zoo.publishedSize("resnet18"));
    Weights weights = Procedural.weights(graph);
    MessageDigest whole = Sha256.digest();
    new TreeMap<>(weights.asMap()).forEach((name, tensor) -> whole.update(bytes(tensor)));
    JsonNode model = vectors().get("models").get("resnet18");

    assertThat(Sha256.hex(whole)).isEqualTo(model.get("sha256_sorted_keys").asText());
  }

  @Test
  void tensorsAreTheVectorsToTheBit() throws IOException {
    ModelGraph graph = Zoo.build("resnet18", Zoo.publishedSize("resnet18"));
    Weights weights = Procedural.weights(graph);
    int compared = 0;
    for (JsonNode vector : vectors().get("tensors")) {
      String name = vector.get("name").asText();
      if (weights.contains(name)) {
        assertThat(Sha256.of(bytes(weights.get(name)).array()))
            .as(name)
            .isEqualTo(vector.get("sha256_le_f32").asText());
        compared++;
      }
    }
    assertThat(compared).isEqualTo(8);
  }

  @Test
  void inputsAreTheVectorsToTheBit() throws IOException {
    for (JsonNode vector : vectors().get("inputs")) {
      int[] dims = new ObjectMapper().convertValue(vector.get("shape"), int[].class);
      int k = Integer.parseInt(vector.get("name").asText().substring("input/".length()));
      assertThat(Sha256.of(bytes(Procedural.input(k, Shape.of(dims))).array()))
          .isEqualTo(vector.get("sha256_le_f32").asText());
    }
  }

  private static ByteBuffer bytes(Tensor tensor) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * tensor.size()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(tensor.asBuffer());
    return bytes;
  }
}
