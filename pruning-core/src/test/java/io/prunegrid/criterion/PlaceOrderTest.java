package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.Site;
import io.prunegrid.testing.PruningOracle;
import io.prunegrid.testing.RecordedNetwork;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which of the layers that produce a class comes first. */
class PlaceOrderTest {
  @ParameterizedTest
  @MethodSource("io.prunegrid.testing.RecordedNetwork#names")
  void firstIsTheLayerThatTheReferenceMeetsFirst(String record) {
    RecordedNetwork network = new RecordedNetwork(record);
    CoupledChannels channels = CoupledChannels.of(network.graph());
    PlaceOrder order = new PlaceOrder(channels.graph());
    List<String> roots =
        channels.bundles(network.selection(Scope.LOCAL, 1)).stream()
            .map(bundle -> order.of(channels.classes().get(bundle.classes().get(0))))
            .map(places -> places.get(0))
            .map(Site::layer)
            .toList();
    assertThat(roots).containsExactlyInAnyOrderElementsOf(PruningOracle.read(record).roots());
  }
}
