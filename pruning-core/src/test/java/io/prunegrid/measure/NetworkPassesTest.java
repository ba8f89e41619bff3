package io.prunegrid.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import org.junit.jupiter.api.Test;

class NetworkPassesTest {
  @Test
  void realNetworksAreMeasuredWithEverythingThatARowNeeds() {
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      ModelGraph graph = Zoo.build("small-cnn", new NetworkSize(10, 1, 28, 28));
      Passes.Source once = NetworkPasses.of(engine, new Model(graph, Procedural.weights(graph)), 3);
      Passes.Source twice = NetworkPasses.inSequence(once, once);
      LatencyResult result =
          Latency.compare(once, twice, new LatencySettings(0.2, 0.03, 1), PassClock.system());

      assertThat(result.blocks()).isEqualTo(RatioInterval.FEWEST);
      assertThat(result.base().passes()).isEqualTo(result.pruned().passes()).isGreaterThan(8);
      assertThat(result.base().median()).isPositive();
      // that it is about 2 is a claim of the check, which may take its time
      assertThat(result.ratio().estimate()).isPositive();
      assertThat(result.onProcessor()).isPresent();
      assertThat(result.seconds()).isGreaterThan(0.1);
    }
  }
}
