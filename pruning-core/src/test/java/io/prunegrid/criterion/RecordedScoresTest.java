package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Rounding;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.SelectionConfig.Ties;
import io.prunegrid.channel.WeightMasks;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.data.Dataset;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Samples;
import io.prunegrid.format.Checkpoints;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.testing.Shared;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scores of the real ResNet-20 agree with what the class-aware benchmark's own code computed. */
class RecordedScoresTest {
  private static JsonNode recorded;
  private static Model model;

  @BeforeAll
  static void read() throws IOException {
    try (InputStream in =
        new GZIPInputStream(
            Files.newInputStream(Shared.require("oracle/criteria/resnet20.json.gz")))) {
      recorded = new ObjectMapper().readTree(in);
    }
    ModelGraph graph = Zoo.build("resnet20", Zoo.publishedSize("resnet20"));
    model =
        Model.bind(
            graph,
            Checkpoints.read(Shared.require("data/weights/resnet20-12fca82f.th")),
            "resnet20");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "2"})
  void normsOfFiltersAreTheRecordedOnes(String p) {
    Criterion ln = Criteria.named("ln");
    LayerScores scores = (LayerScores) ln.score(ScoringInput.of(model, ln.resolve(Map.of("p", p))));
    JsonNode layers = recorded.at("/methods/ln_p" + p + "_layer/scores");
    assertThat(layers).hasSize(19);
    layers
        .properties()
        .forEach(
            layer -> assertClose(layer.getKey(), scores.of(layer.getKey()), layer.getValue(), 1));
    assertThat(scores.layers()).hasSize(20).contains("linear");
  }

  @Test
  void firstOrderEffectsAreTheRecordedOnesUpToTheBatchOfTheirMeanLoss() {
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      LayerScores scores =
          (LayerScores)
              Criteria.named("taylor")
                  .score(
                      new ScoringInput(
                          model,
                          CoupledChannels.of(model.graph()),
                          new TreeMap<>(),
                          Optional.of(images()),
                          Optional.of(engine),
                          0));
      JsonNode layers = recorded.at("/methods/taylor_eval/scores");
      assertThat(layers).hasSize(19);
      layers
          .properties()
          .forEach(
              layer ->
                  assertClose(
                      layer.getKey(),
                      scores.of(layer.getKey()),
                      layer.getValue().get("raw"),
                      1.0 / 64));
      assertThat(scores.of("linear")).hasSize(10);
    }
  }

  @Test
  void magnitudeMasksAreTheRecordedOnesBitForBit() {
    WeightScores scores =
        (WeightScores) Criteria.named("magnitude").score(ScoringInput.of(model, new TreeMap<>()));
    JsonNode masks = recorded.at("/unstructured/magnitude");
    assertThat(masks).hasSize(3);
    SelectionConfig defaults = SelectionConfig.defaults();
    SelectionConfig config =
        new SelectionConfig(
            Scope.GLOBAL,
            Rounding.DOWN,
            defaults.onEmpty(),
            1,
            1,
            List.of(),
            List.of(),
            Ties.ALL,
            defaults.apply());
    for (JsonNode mask : masks) {
      WeightMasks ours =
          WeightMasks.select(scores.parameters(), mask.get("ratio").asDouble(), config);
      assertThat(ours.prunable()).isEqualTo(mask.get("n_weights").asLong());
      assertThat(ours.removed()).isEqualTo(mask.get("zeros").asLong());
      assertThat(ours.keepHash()).isEqualTo(mask.get("mask_sha256").asText());
    }
  }

  private static void assertClose(String layer, double[] ours, JsonNode theirs, double factor) {
    assertThat(ours).as(layer).hasSize(theirs.size());
    double largest = Arrays.stream(ours).max().orElseThrow();
    for (int channel = 0; channel < ours.length; channel++) {
      assertThat(factor * ours[channel])
          .as(layer + " channel " + channel)
          .isCloseTo(theirs.get(channel).asDouble(), within(1e-5 * factor * largest));
    }
  }

  private static Samples images() {
    Dataset train = Datasets.open("cifar10:" + Shared.require("data/cifar10-jpeg")).train();
    List<Integer> indices =
        IntStream.range(0, 64).mapToObj(i -> recorded.get("image_indices").get(i).asInt()).toList();
    for (int i = 0; i < 64; i++) {
      assertThat(train.label(indices.get(i))).isEqualTo(recorded.get("labels").get(i).asInt());
    }
    return Samples.all(new Chosen(train, indices));
  }

  /** Some records of a data set. */
  private record Chosen(Dataset all, List<Integer> indices) implements Dataset {
    @Override
    public String spec() {
      return all.spec();
    }

    @Override
    public int size() {
      return indices.size();
    }

    @Override
    public Shape imageShape() {
      return all.imageShape();
    }

    @Override
    public List<String> classNames() {
      return all.classNames();
    }

    @Override
    public int label(int index) {
      return all.label(indices.get(index));
    }

    @Override
    public void copyImage(int index, float[] to, int offset) {
      all.copyImage(indices.get(index), to, offset);
    }

    @Override
    public String contentHash() {
      throw new UnsupportedOperationException();
    }
  }
}
