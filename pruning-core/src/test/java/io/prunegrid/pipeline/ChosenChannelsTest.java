package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.Side;
import io.prunegrid.channel.Site;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.format.SelectionFile;
import io.prunegrid.zoo.Zoo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChosenChannelsTest {
  private static CoupledChannels channels(String network) {
    return CoupledChannels.of(Zoo.build(network, Zoo.publishedSize(network)));
  }

  private static SelectionFile file(Map<String, SelectionFile.Layer> layers) {
    return new SelectionFile("resnet20", layers);
  }

  private static SelectionFile.Layer layer(int of, Integer... remove) {
    return new SelectionFile.Layer(of, List.of(remove));
  }

  private static List<String> problems(Map<String, SelectionFile.Layer> layers) {
    BadInput bad =
        catchThrowableOfType(
            BadInput.class, () -> ChosenChannels.classes(channels("resnet20"), file(layers)));
    return bad.problems();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"small-cnn", "resnet20", "mobilenet_v2", "shufflenet_v2_x0_5", "googlenet"})
  void whatWasListedIsChosenAgain(String network) {
    CoupledChannels channels = channels(network);
    SplitMix64 random = new SplitMix64(7);
    double[] scores = new double[channels.classes().size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = random.nextLong() >>> 1;
    }
    Selection selection = Selection.select(channels, scores, 0.4, SelectionConfig.defaults());
    Map<String, LayerKept> layers = Removal.kept(channels, selection.removed());

    SelectionFile listed = ChosenChannels.listed(network, channels, layers);

    assertThat(ChosenChannels.classes(channels, listed)).isEqualTo(selection.removed());
  }

  @Test
  void aSingleChannelGoesAndNoOther() {
    CoupledChannels channels = channels("resnet20");
    BitSet removed = ChosenChannels.classes(channels, file(Map.of("layer1.0.conv1", layer(16, 5))));
    assertThat(removed.cardinality()).isEqualTo(1);
    assertThat(Removal.kept(channels, removed).get("layer1.0.conv1").out().kept())
        .doesNotContain(5)
        .hasSize(15);
  }

  @Test
  void everythingThatWouldBreakIsToldAtOnceByLayerAndChannel() {
    Map<String, SelectionFile.Layer> layers = new LinkedHashMap<>();
    layers.put("conv1", layer(16, 3));
    layers.put("layer1.0.conv1", layer(16, 16, 2, 2));
    layers.put("layer1.1.conv1", layer(32, 0));
    layers.put("layer1.2.conv1", layer(16, all(16)));
    layers.put("layer1.0.bn1", layer(16, 1));
    layers.put("layer9", layer(16, 1));
    layers.put("linear", layer(10, 4));
    assertThat(problems(layers))
        .contains(
            "layer 'layer1.0.conv1' channel 16 does not exist: channels are 0 to 15",
            "layer 'layer1.0.conv1' channel 2 is listed twice",
            "layer 'layer1.1.conv1' has 16 channels, the selection says 32",
            "layer 'layer1.2.conv1' would be left without channels",
            "layer 'layer1.2.conv2' would be left with nothing to read",
            "layer 'layer1.0.bn1' passes on channels that other layers make; list them there, and it"
                + " follows",
            "layer 'linear' channel 4 cannot go: it reaches the output 'linear'",
            "layer 'layer1.0.conv2' keeps channels that live and die with others that go: 3 with"
                + " 'conv1' 3")
        .anyMatch(problem -> problem.startsWith("unknown layer 'layer9'"));
  }

  private static Integer[] all(int channels) {
    return IntStream.range(0, channels).boxed().toArray(Integer[]::new);
  }

  @Test
  void aLayerWhoseListIsNotWhollyReadIsNotBlamedForWhatItMayList() {
    Map<String, SelectionFile.Layer> layers = new LinkedHashMap<>();
    layers.put("conv1", layer(0));
    layers.put("layer1.0.conv2", layer(16, 3));
    SelectionFile.Draft draft =
        new SelectionFile.Draft(
            Path.of("s.json"),
            Optional.of("resnet20"),
            layers,
            Set.of("conv1"),
            List.of("layer 'conv1' has no remove"));
    BadInput bad =
        catchThrowableOfType(
            BadInput.class, () -> ChosenChannels.classes(channels("resnet20"), draft));
    assertThat(bad.problems())
        .contains(
            "s.json: layer 'conv1' has no remove",
            "s.json: layer 'layer1.1.conv2' keeps channels that live and die with others that go: 3"
                + " with 'layer1.0.conv2' 3")
        .noneMatch(problem -> problem.contains("'conv1' keeps"));
  }

  @Test
  void nothingListedIsAProblem() {
    assertThat(problems(Map.of("conv1", layer(16))))
        .containsExactly("nothing was removed: the selection lists no channel");
  }

  @Test
  void aCoupledChannelGoesWhereItIsListedEverywhere() {
    CoupledChannels channels = channels("resnet20");
    int stem = channels.outClasses("conv1")[3];
    Map<String, SelectionFile.Layer> layers = new LinkedHashMap<>();
    for (Site site : channels.classes().get(stem).sites()) {
      if (site.side() == Side.OUT && channels.inClasses(site.layer()).isPresent()) {
        List<Integer> positions = new ArrayList<>();
        for (int position : site.positions()) {
          positions.add(position);
        }
        int of = channels.outClasses(site.layer()).length;
        layers.put(site.layer(), new SelectionFile.Layer(of, positions));
      }
    }
    BitSet removed = ChosenChannels.classes(channels, file(layers));
    assertThat(removed.stream().boxed()).containsExactly(stem);
    layers.remove("layer3.2.conv2");
    assertThat(problems(layers)).singleElement().asString().contains("'layer3.2.conv2' keeps");
  }
}
