package io.prunegrid.format.onnx;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.testing.Choices;
import io.prunegrid.testing.HostileReader;
import io.prunegrid.testing.RandomNetworks;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/** ONNX files whose nodes, attributes, initializers and shapes are changed. */
@Timeout(3600)
class OnnxFuzzTest {
  private static final HostileReader READER = new HostileReader("ONNX", 64);
  private static final List<byte[]> GOOD =
      IntStream.range(0, 24).mapToObj(OnnxFuzzTest::network).toList();

  private static byte[] network(int seed) {
    ModelGraph graph = RandomNetworks.graph(seed, 8, 6);
    return OnnxExport.encode(RandomNetworks.model(graph, seed));
  }

  @Test
  void fixedMutationsGiveANetworkOrARefusal() {
    READER.readFixed(this::read, getClass());
  }

  static Stream<byte[]> seeds() {
    return HostileReader.seeds(OnnxFuzzTest.class, 100);
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
    byte[] bytes = choices.damaged(ProtoMutation.of(choices.of(GOOD), choices));
    READER.read(bytes.length, () -> OnnxImport.decode(bytes, "file"));
  }
}
