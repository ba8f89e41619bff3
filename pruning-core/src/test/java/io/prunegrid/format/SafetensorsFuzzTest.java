package io.prunegrid.format;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.testing.Choices;
import io.prunegrid.testing.HostileReader;
import io.prunegrid.testing.JsonMutation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** Safetensors files whose header and data are changed, each by itself. */
@Timeout(3600)
class SafetensorsFuzzTest {
  private static final HostileReader READER = new HostileReader("safetensors", 64);

  @TempDir static Path folder;

  @Test
  void fixedMutationsGiveWeightsOrARefusal() {
    READER.readFixed(this::read, getClass());
  }

  static Stream<byte[]> seeds() {
    return HostileReader.seeds(SafetensorsFuzzTest.class, 100);
  }

  @MethodSource("seeds")
  @FuzzTest
  void mutationsGiveWeightsOrARefusal(byte[] decisions) {
    read(decisions);
  }

  @AfterAll
  static void figures() {
    READER.report();
  }

  private void read(byte[] decisions) {
    Path file = Damaged.write(folder, damaged(new Choices(decisions)));
    READER.read(file.toFile().length(), () -> Checkpoints.read(file));
  }

  private static byte[] damaged(Choices choices) {
    try {
      Map<String, Tensor> weights = new LinkedHashMap<>();
      for (int i = 0; i <= choices.below(4); i++) {
        Shape shape = Shape.of(1 + choices.below(5), 1 + choices.below(3));
        weights.put("layer" + i + ".weight", Tensor.zeros(shape));
      }
      Path good = folder.resolve("good");
      Safetensors.write(good, new Weights(weights));
      ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(good)).order(ByteOrder.LITTLE_ENDIAN);
      byte[] header = new byte[(int) file.getLong()];
      file.get(header);
      byte[] data = choices.data(file.remaining());
      JsonNode changed = JsonMutation.of(JsonFiles.mapper().readTree(header), choices);
      byte[] json = choices.damaged(JsonFiles.mapper().writeValueAsBytes(changed));
      long length = choices.onceIn(20) ? choices.number() : json.length;
      byte[] rest = choices.onceIn(20) ? Arrays.copyOf(data, choices.below(64)) : data;
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
      out.writeBytes(json);
      out.writeBytes(rest);
      return choices.damaged(out.toByteArray());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
