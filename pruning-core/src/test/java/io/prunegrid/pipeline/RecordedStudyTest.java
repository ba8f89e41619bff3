package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Heads;
import io.prunegrid.channel.Removal;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.measure.Evaluation;
import io.prunegrid.measure.Evaluator;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.testing.Shared;
import io.prunegrid.testing.StudyOracle;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the class-aware benchmark selected, taken out by ours, leaves the networks it recorded. */
class RecordedStudyTest {
  private static final List<Integer> CLASSES = List.of(0, 1, 2);

  @Test
  void recordedSelectionsLeaveTheRecordedParametersAndAccuracies() throws IOException {
    StudyOracle oracle = StudyOracle.read("resnet20");
    JsonNode record =
        new ObjectMapper().readTree(Shared.require("oracle/criteria/resnet20_e2e.json").toFile());
    Model model = oracle.model();
    Samples test =
        Samples.all(Datasets.open("cifar10:" + Shared.require("data/cifar10-jpeg")).test());
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      JsonNode before = record.get("before_10way");
      Evaluation whole = Evaluator.evaluate(engine, model, test.ofClasses(CLASSES));
      assertThat(whole.correct()).isEqualTo(before.get("correct").asInt());
      Model reduced = Heads.keepRows(model, CLASSES);
      assertThat(reduced.parameterCount()).isEqualTo(record.get("params_head_replaced").asLong());
      assertCorrect(
          "head replaced",
          Evaluator.evaluate(engine, reduced, test.remapped(CLASSES)),
          record.get("before_head_replaced"));
      CoupledChannels channels = CoupledChannels.of(model.graph());
      for (JsonNode after : record.get("after")) {
        BitSet removed = removed(oracle, channels, after);
        assertThat(removed.cardinality()).isEqualTo(after.get("removed").asInt());
        Model pruned = Heads.keepRows(Removal.remove(model, channels, removed).model(), CLASSES);
        assertThat(pruned.parameterCount())
            .as(after.toString())
            .isEqualTo(after.get("params").asLong());
        assertCorrect(
            after.toString(), Evaluator.evaluate(engine, pruned, test.remapped(CLASSES)), after);
      }
    }
  }

  private static void assertCorrect(String what, Evaluation found, JsonNode recorded) {
    assertThat(found.correct()).as(what).isEqualTo(recorded.get("correct").asInt());
    assertThat(found.n()).as(what).isEqualTo(3000);
  }

  /** The classes of the recorded channels; of a layer selected whole, the first listed stays. */
  private static BitSet removed(StudyOracle oracle, CoupledChannels channels, JsonNode after) {
    for (JsonNode run : oracle.method(after.get("method").asText()).get("runs")) {
      if (run.get("ratio").asDouble() == after.get("ratio").asDouble()
          && run.get("skip").asInt() == after.get("skip").asInt()) {
        Set<String> layers = new HashSet<>();
        run.get("selected_after_resnet_filter_layers").forEach(l -> layers.add(l.asText()));
        BitSet removed = new BitSet();
        run.get("selected")
            .properties()
            .forEach(
                entry -> {
                  if (layers.contains(entry.getKey())) {
                    int[] ids = channels.outClasses(entry.getKey());
                    List<Integer> listed = new ArrayList<>();
                    entry.getValue().forEach(channel -> listed.add(channel.asInt()));
                    if (listed.size() == ids.length) {
                      listed.remove(0);
                    }
                    listed.forEach(channel -> removed.set(ids[channel]));
                  }
                });
        return removed;
      }
    }
    throw new IllegalArgumentException("no such run: " + after);
  }
}
