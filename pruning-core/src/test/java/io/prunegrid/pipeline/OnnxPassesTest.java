package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.ParameterSpec.Role;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.TokenOp;
import io.prunegrid.measure.Latency;
import io.prunegrid.measure.LatencyResult;
import io.prunegrid.measure.LatencySettings;
import io.prunegrid.measure.PassClock;
import io.prunegrid.measure.Passes;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OnnxPassesTest {
  private static Model model(ModelGraph graph) {
    return new Model(graph, Procedural.weights(graph));
  }

  private static ModelGraph small() {
    return Zoo.build("small-cnn", new NetworkSize(10, 1, 28, 28));
  }

  private static List<Path> exported() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("prunegrid-onnx-"))
          .toList();
    }
  }

  @Test
  void aNetworkIsMeasuredBesideItselfAndItsFileIsRemoved() throws IOException {
    List<Path> before = exported();
    try (OnnxPasses network = OnnxPasses.export("the network", model(small()), 3, 1)) {
      LatencyResult result =
          Latency.compare(network, network, new LatencySettings(0.2, 0.03, 1), PassClock.system());

      assertThat(result.base().median()).isPositive();
      assertThat(result.ratio().estimate()).isPositive();
      assertThat(result.control().estimate()).isPositive();
    }
    assertThat(exported()).isSubsetOf(before);
  }

  @Test
  void severalThreadsComputeIt() throws IOException {
    try (OnnxPasses network = OnnxPasses.export("the network", model(small()), 2, 2);
        Passes passes = network.open()) {
      passes.pass();
      passes.pass();
    }
  }

  @Test
  void whatCannotBeExportedSaysWhichNetworkAndWhyAndLeavesNothing() throws IOException {
    List<Path> before = exported();
    GraphBuilder constant = new GraphBuilder(Shape.of(1, 4, 4));
    String x = constant.linear("fc", constant.flatten("flat", constant.input()), 2);
    Shape two = Shape.of(2);
    String token = constant.add("token", new TokenOp.Parameter(two, two, Role.EMBEDDING));
    assertThatThrownBy(
            () -> OnnxPasses.export("the pruned network", model(constant.build(x, token)), 1, 1))
        .isInstanceOf(OnnxError.class)
        .hasMessage(
            "the pruned network cannot be exported: output 'token' does not depend on the input");

    GraphBuilder endless = new GraphBuilder(Shape.of(1, 4, 4));
    String y = endless.linear("fc", endless.flatten("flat", endless.input()), 2);
    String z = endless.add("once", new ElementOp.Scale(1e20, 0), y);
    endless.add("twice", new ElementOp.Scale(1e20, 0), z);
    assertThatThrownBy(() -> OnnxPasses.export("the network", model(endless.build("twice")), 1, 1))
        .isInstanceOf(OnnxError.class)
        .hasMessageStartingWith(
            "the network cannot be exported: output 'twice' of the network is not finite");
    assertThat(exported()).isSubsetOf(before);
  }

  @Test
  void imagesThatDoNotFitAreNoFaultOfTheNetwork() {
    assertThatThrownBy(() -> OnnxPasses.export("the network", model(small()), 100_000_000, 1))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith("batch size 100000000 is too large for images of (1x");
  }
}
