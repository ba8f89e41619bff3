package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Rounding;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.SelectionConfig.Ties;
import io.prunegrid.channel.WeightMasks;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.testing.StudyOracle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Masks of single weights are those that the class-aware benchmark's rule gave, bit for bit. */
class RecordedMasksTest {
  @ParameterizedTest
  @CsvSource({
    "resnet20, magnitude, magnitude",
    "resnet20, random, unstructured-random",
    "resnet20, gradient, unstructured-gradient",
    "resnet20, taylor, unstructured-taylor",
    "cifarvgg, magnitude, magnitude",
    "cifarvgg, random, unstructured-random",
    "cifarvgg, gradient, unstructured-gradient",
    "cifarvgg, taylor, unstructured-taylor",
    "cifarvgg_folded, magnitude, magnitude",
    "cifarvgg_folded, random, unstructured-random",
    "cifarvgg_folded, gradient, unstructured-gradient",
    "cifarvgg_folded, taylor, unstructured-taylor"
  })
  void masksAreTheRecordedOnes(String network, String recorded, String method) {
    StudyOracle oracle = StudyOracle.read(network);
    Model model = oracle.model();
    Criterion criterion = Criteria.named(method);
    Map<String, Tensor> scores;
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      ScoringInput input =
          new ScoringInput(
              model,
              CoupledChannels.of(model.graph()),
              criterion.resolve(Map.of()),
              Optional.of(oracle.images()),
              Optional.of(engine),
              0);
      scores = ((WeightScores) criterion.score(input)).parameters();
    }
    if (recorded.equals("random")) {
      scores = drawnAsRecorded(oracle, scores);
    }
    int equal = 0;
    int near = 0;
    for (JsonNode run : oracle.document().at("/unstructured/" + recorded)) {
      WeightMasks masks = WeightMasks.select(scores, run.get("ratio").asDouble(), config());
      assertThat(masks.prunable()).isEqualTo(run.get("n_weights").asLong());
      assertThat(masks.removed())
          .as("zeros at " + run.get("ratio"))
          .isEqualTo(run.get("zeros").asLong());
      if (masks.keepHash().equals(run.get("mask_sha256").asText())) {
        equal++;
      } else {
        assertNearTie(recorded + " at " + run.get("ratio"), scores, masks, run);
        near++;
      }
    }
    assertThat(equal).isGreaterThan(near);
    System.out.println(
        network + " " + recorded + ": " + equal + " masks equal, " + near + " but for a near tie");
  }

  /**
   * Another mask of as many weights is right where gradients in float cannot tell the last weight
   * that goes from the first that stays.
   */
  private static void assertNearTie(
      String what, Map<String, Tensor> scores, WeightMasks masks, JsonNode run) {
    double last = 0;
    double largest = 0;
    for (Map.Entry<String, Tensor> entry : scores.entrySet()) {
      Tensor mask = masks.masks().get(entry.getKey());
      for (int i = 0; i < mask.size(); i++) {
        double score = entry.getValue().at(i);
        largest = Math.max(largest, score);
        last = mask.at(i) == 0 ? Math.max(last, score) : last;
      }
    }
    double threshold = run.get("threshold").asDouble();
    double gap = run.get("next_score_above").asDouble() - threshold;
    assertThat(gap).as(what).isLessThan(1e-6 * largest);
    assertThat(last).as(what).isCloseTo(threshold, within(gap + 1e-5 * threshold));
  }

  /** The record's chance is drawn from streams by layer name. */
  private static Map<String, Tensor> drawnAsRecorded(
      StudyOracle oracle, Map<String, Tensor> scores) {
    Map<String, Tensor> drawn = new LinkedHashMap<>();
    scores.forEach(
        (name, tensor) -> {
          String layer = oracle.recordedLayer(name.substring(0, name.lastIndexOf('.')));
          SplitMix64 random = new SplitMix64(SplitMix64.fnv1a64("unstructured_random/" + layer));
          float[] values = new float[tensor.size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
          }
          drawn.put(name, Tensor.wrap(tensor.shape(), values));
        });
    return drawn;
  }

  private static SelectionConfig config() {
    SelectionConfig defaults = SelectionConfig.defaults();
    return new SelectionConfig(
        Scope.GLOBAL,
        Rounding.DOWN,
        defaults.onEmpty(),
        1,
        1,
        defaults.ignore(),
        defaults.protect(),
        Ties.ALL,
        defaults.apply());
  }
}
