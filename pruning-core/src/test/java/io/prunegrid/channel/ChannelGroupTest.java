package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.graph.ModelGraph;
import io.prunegrid.zoo.Zoo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelGroupTest {
  private static CoupledChannels channels(String network) {
    ModelGraph graph = Zoo.build(network, Zoo.publishedSize(network));
    return CoupledChannels.of(graph);
  }

  private static ChannelGroup group(List<ChannelGroup> groups, String producer) {
    return groups.stream().filter(g -> g.producers().contains(producer)).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"small-cnn", "resnet20", "mobilenet_v2", "densenet121", "vit_b_16"})
  void everyClassIsInOneGroupAndThoseThatMayGoAreTheBundles(String network) {
    CoupledChannels channels = channels(network);
    SelectionConfig config = SelectionConfig.defaults();
    List<ChannelGroup> groups = ChannelGroup.of(channels, config);

    List<Integer> ids = new ArrayList<>();
    groups.forEach(group -> ids.addAll(group.classes()));
    assertThat(ids)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, channels.classes().size()).boxed().toList());
    assertThat(groups.stream().filter(g -> g.held().isEmpty()).map(ChannelGroup::classes))
        .containsExactlyElementsOf(channels.bundles(config).stream().map(Bundle::classes).toList());
  }

  @Test
  void aGroupSaysWhoMakesPassesOnAndReadsItsChannels() {
    List<ChannelGroup> groups = ChannelGroup.of(channels("resnet20"), SelectionConfig.defaults());

    ChannelGroup inner = group(groups, "layer2.0.conv1");
    assertThat(inner.classes()).hasSize(32);
    assertThat(inner.producers()).containsExactly("layer2.0.conv1");
    assertThat(inner.carriers()).containsExactly("layer2.0.bn1");
    assertThat(inner.consumers()).containsExactly("layer2.0.conv2");
    assertThat(inner.held()).isEmpty();
    // option-A shortcuts: the first stage's channels live on in the middle of both others
    ChannelGroup stem = group(groups, "conv1");
    assertThat(stem.producers())
        .contains("layer1.0.conv2", "layer2.2.conv2", "layer3.2.conv2")
        .doesNotContain("layer1.0.conv1");
    assertThat(stem.consumers()).contains("layer1.0.conv1", "layer3.0.conv1", "linear");
  }

  @Test
  void whatStaysSaysWhy() {
    CoupledChannels channels = channels("resnet20");
    List<ChannelGroup> plain = ChannelGroup.of(channels, SelectionConfig.defaults());
    assertThat(group(plain, "linear").held()).hasValue("reaches the output 'linear'");
    assertThat(plain.get(0).producers()).isEmpty();
    assertThat(plain.get(0).consumers()).containsExactly("conv1");
    assertThat(plain.get(0).held()).hasValue("is a channel of the network's input");

    List<ChannelGroup> chosen =
        ChannelGroup.of(channels, config(List.of("conv1"), List.of("layer3.*.conv1")));
    assertThat(group(chosen, "conv1").held()).hasValue("is written by 'conv1', which is ignored");
    assertThat(group(chosen, "layer3.1.conv1").held())
        .hasValue("is written by 'layer3.1.conv1', which is protected");
    assertThat(group(chosen, "layer1.1.conv1").held()).isEmpty();
  }

  private static SelectionConfig config(List<String> ignored, List<String> guarded) {
    SelectionConfig defaults = SelectionConfig.defaults();
    return new SelectionConfig(
        defaults.scope(),
        defaults.rounding(),
        defaults.onEmpty(),
        defaults.minChannels(),
        defaults.roundTo(),
        ignored,
        guarded,
        defaults.ties(),
        defaults.apply(),
        defaults.limits());
  }
}
