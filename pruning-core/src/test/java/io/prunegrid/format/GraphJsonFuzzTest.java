package io.prunegrid.format;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import io.prunegrid.testing.Choices;
import io.prunegrid.testing.HostileReader;
import io.prunegrid.testing.JsonMutation;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** Structures of networks whose nodes, attributes and edges are changed. */
@Timeout(3600)
class GraphJsonFuzzTest {
  private static final HostileReader READER = new HostileReader("graph JSON", 64);
  private static final List<JsonNode> GOOD = good();

  @TempDir static Path folder;

  private static List<JsonNode> good() {
    List<JsonNode> documents = new ArrayList<>();
    try {
      documents.add(
          document(GraphJson.bytes(Zoo.build("small-cnn", new NetworkSize(10, 1, 14, 14)))));
      for (int seed = 0; seed < 24; seed++) {
        documents.add(document(GraphJson.bytes(RandomNetworks.graph(seed, 12, 6))));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return documents;
  }

  private static JsonNode document(byte[] bytes) throws IOException {
    return JsonFiles.mapper().readTree(bytes);
  }

  @Test
  void fixedMutationsGiveANetworkOrARefusal() {
    READER.readFixed(this::read, getClass());
  }

  static Stream<byte[]> seeds() {
    return HostileReader.seeds(GraphJsonFuzzTest.class, 100);
  }

  @MethodSource("seeds")
  @FuzzTest
  void mutationsGiveANetworkOrARefusal(byte[] decisions) {
    read(decisions);
  }

  @AfterAll
  static void figures() {
    READER.report();
  }

  private void read(byte[] decisions) {
    Choices choices = new Choices(decisions);
    JsonNode changed = JsonMutation.of(choices.of(GOOD), choices);
    byte[] bytes;
    try {
      bytes = choices.damaged(JsonFiles.mapper().writeValueAsBytes(changed));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    Path file = Damaged.write(folder, bytes);
    READER.read(bytes.length, () -> GraphJson.read(file));
  }
}
