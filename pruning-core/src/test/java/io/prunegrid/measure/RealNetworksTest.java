package io.prunegrid.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.channel.Heads;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Samples;
import io.prunegrid.format.Checkpoints;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.InferenceSession;
import io.prunegrid.testing.Shared;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published weights on original CIFAR-10 images, against what PyTorch said of each. */
class RealNetworksTest {
  private static final List<Integer> VEHICLES = List.of(0, 1, 8, 9);

  @ParameterizedTest
  @CsvSource({
    "resnet20, resnet20-12fca82f.th",
    "resnet20, resnet20-zip.pth",
    "resnet56, resnet56-4bfd9763.th"
  })
  void everyClassIsCountedAsPyTorchCountsIt(String network, String weights) throws IOException {
    JsonNode expected =
        new ObjectMapper()
            .readTree(Shared.require("oracle/cifar10/accuracy.json").toFile())
            .get(network);
    ModelGraph graph = Zoo.build(network, Zoo.publishedSize(network));
    Model model =
        Model.bind(graph, Checkpoints.read(Shared.require("data/weights/" + weights)), weights);
    Samples samples =
        Samples.all(Datasets.open("cifar10:" + Shared.require("data/cifar10")).test());
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      Evaluation evaluation = Evaluator.evaluate(engine, model, samples);
      assertThat(evaluation.n()).isEqualTo(expected.get("n").asInt());
      assertThat(evaluation.correct()).isEqualTo(expected.get("correct").asInt());
      assertThat(evaluation.top1Percent()).isCloseTo(expected.get("top1").asDouble(), within(1e-9));
      assertThat(evaluation.top5Percent().getAsDouble())
          .isCloseTo(expected.get("top5").asDouble(), within(1e-9));
      List<String> names = samples.dataset().classNames();
      for (ClassAccuracy accuracy : evaluation.perClass()) {
        JsonNode own = expected.get("per_class").get(names.get(accuracy.classIndex()));
        assertThat(accuracy.n()).isEqualTo(own.get("n").asInt());
        assertThat(accuracy.correct()).isEqualTo(own.get("correct").asInt());
      }
      assertFirstLogits(engine, model, samples, expected.get("logits_first4"));
      JsonNode vehicles = expected.get("vehicles_0_1_8_9_head_rows");
      Evaluation reduced =
          Evaluator.evaluate(engine, Heads.keepRows(model, VEHICLES), samples.remapped(VEHICLES));
      assertThat(reduced.n()).isEqualTo(vehicles.get("n").asInt());
      assertThat(reduced.correct()).isEqualTo(vehicles.get("correct").asInt());
      assertThat(reduced.correctTop5()).isEmpty();
      assertThat(reduced.perClass()).extracting(ClassAccuracy::classIndex).isEqualTo(VEHICLES);
    }
  }

  private static void assertFirstLogits(
      Engine engine, Model model, Samples samples, JsonNode expected) {
    float[] images = new float[4 * 3072];
    for (int i = 0; i < 4; i++) {
      samples.copyImage(i, images, i * 3072);
    }
    try (InferenceSession session = engine.inference(model)) {
      float[] logits = session.logits(images, 4);
      for (int i = 0; i < 4; i++) {
        double largest = 0;
        for (JsonNode logit : expected.get(i)) {
          largest = Math.max(largest, Math.abs(logit.asDouble()));
        }
        for (int c = 0; c < 10; c++) {
          assertThat((double) logits[i * 10 + c])
              .isCloseTo(expected.get(i).get(c).asDouble(), within(1e-4 * largest));
        }
      }
    }
  }
}
