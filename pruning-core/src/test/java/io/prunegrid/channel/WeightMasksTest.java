package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.channel.SelectionConfig.Apply;
import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.channel.SelectionConfig.Rounding;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.SelectionConfig.Ties;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.testing.Shared;
import io.prunegrid.zoo.Procedural;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class WeightMasksTest {
  @Test
  void masksAreTheRecordedOnesToTheBit() throws IOException {
    Weights weights = Procedural.weights(cifarVgg());
    Map<String, Tensor> scores = new LinkedHashMap<>();
    for (String layer :
        List.of(
            "features.0",
            "features.3",
            "features.7",
            "features.10",
            "features.14",
            "features.17",
            "classifier.0")) {
      Tensor weight = weights.get(layer + ".weight");
      float[] magnitudes = weight.toArray();
      for (int i = 0; i < magnitudes.length; i++) {
        magnitudes[i] = Math.abs(magnitudes[i]);
      }
      scores.put(layer + ".weight", Tensor.wrap(weight.shape(), magnitudes));
    }
    JsonNode recorded;
    try (InputStream in =
        new GZIPInputStream(
            Files.newInputStream(Shared.require("oracle/criteria/cifarvgg.json.gz")))) {
      recorded = new ObjectMapper().readTree(in).at("/unstructured/magnitude");
    }
    assertThat(recorded).isNotEmpty();
    for (JsonNode run : recorded) {
      WeightMasks masks =
          WeightMasks.select(
              scores,
              run.get("ratio").asDouble(),
              config(Scope.GLOBAL, Rounding.DOWN, Ties.ALL, List.of(), List.of()));
      assertThat(masks.prunable()).isEqualTo(run.get("n_weights").asLong());
      assertThat(masks.removed()).isEqualTo(run.get("zeros").asLong());
      assertThat(masks.keepHash()).isEqualTo(run.get("mask_sha256").asText());
    }
  }

  @Test
  void exactTiesTakeTheFirstOfAStableSort() {
    for (long seed = 0; seed < 50; seed++) {
      Map<String, Tensor> scores = coarse(seed);
      for (double ratio : new double[] {0, 0.1, 0.5, 0.9, 0.99}) {
        SelectionConfig config =
            config(Scope.GLOBAL, Rounding.NEAREST, Ties.EXACT, List.of(), List.of());
        WeightMasks masks = WeightMasks.select(scores, ratio, config);
        assertThat(flat(masks.masks())).isEqualTo(sorted(flat(scores), ratio));
      }
    }
  }

  @Test
  void allTiesGoTogether() {
    Map<String, Tensor> scores = Map.of("a.weight", Tensor.of(Shape.of(5), 1, 2, 2, 2, -0f));
    WeightMasks masks =
        WeightMasks.select(
            scores, 0.6, config(Scope.GLOBAL, Rounding.DOWN, Ties.ALL, List.of(), List.of()));
    assertThat(flat(masks.masks())).containsExactly(0, 0, 0, 0, 0);
    WeightMasks few =
        WeightMasks.select(
            scores, 0.4, config(Scope.GLOBAL, Rounding.DOWN, Ties.ALL, List.of(), List.of()));
    assertThat(flat(few.masks())).containsExactly(0, 1, 1, 1, 0);
    assertThat(few.reached()).isEqualTo(0.4);
  }

  @Test
  void localScopeComparesWithinAParameter() {
    Map<String, Tensor> scores = new LinkedHashMap<>();
    scores.put("a.weight", Tensor.of(Shape.of(4), 1, 2, 3, 4));
    scores.put("b.weight", Tensor.of(Shape.of(2), 20, 10));
    SelectionConfig local = config(Scope.LOCAL, Rounding.UP, Ties.EXACT, List.of(), List.of());
    assertThat(flat(WeightMasks.select(scores, 0.5, local).masks()))
        .containsExactly(0, 0, 1, 1, 1, 0);
  }

  @Test
  void ignoredAndUnscoredWeightsAreInNoPoolAndProtectedOnesStay() {
    Map<String, Tensor> scores = new LinkedHashMap<>();
    scores.put("a.weight", Tensor.of(Shape.of(4), 1, 2, Float.NaN, 4));
    scores.put("b.weight", Tensor.of(Shape.of(3), 0, 0, 0));
    scores.put("c.weight", Tensor.of(Shape.of(3), 0, 5, 6));
    WeightMasks masks =
        WeightMasks.select(
            scores, 0.5, config(Scope.GLOBAL, Rounding.UP, Ties.EXACT, List.of("b"), List.of("c")));
    assertThat(masks.prunable()).isEqualTo(6);
    assertThat(masks.removed()).isEqualTo(2);
    assertThat(flat(masks.masks())).containsExactly(0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  }

  @Test
  void layersWithoutAnyWeightLeftAreNamedAndBiasesAreNot() {
    Map<String, Tensor> scores = new LinkedHashMap<>();
    scores.put("a.weight", Tensor.of(Shape.of(3), 1, 2, 1));
    scores.put("a.bias", Tensor.of(Shape.of(2), 0, 0));
    scores.put("b.weight", Tensor.of(Shape.of(3), 5, 6, 7));
    SelectionConfig global = config(Scope.GLOBAL, Rounding.UP, Ties.EXACT, List.of(), List.of());
    assertThat(WeightMasks.emptied(WeightMasks.select(scores, 0.75, global).masks()))
        .containsExactly("a.weight");
    assertThat(WeightMasks.emptied(WeightMasks.select(scores, 0.5, global).masks())).isEmpty();
  }

  private static Map<String, Tensor> coarse(long seed) {
    SplitMix64 stream = SplitMix64.stream(seed, "coarse");
    Map<String, Tensor> scores = new LinkedHashMap<>();
    for (String name : List.of("z.weight", "a.weight", "m.weight")) {
      int size = 1 + stream.nextInt(40);
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (stream.nextInt(7) - 3) * 0.5f;
      }
      scores.put(name, Tensor.wrap(Shape.of(size), values));
    }
    return scores;
  }

  private static float[] sorted(float[] scores, double ratio) {
    float[] mask = new float[scores.length];
    Arrays.fill(mask, 1f);
    IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> scores[i] + 0.0))
        .limit(Math.round(Math.rint(scores.length * ratio)))
        .forEach(i -> mask[i] = 0);
    return mask;
  }

  private static float[] flat(Map<String, Tensor> tensors) {
    int size = tensors.values().stream().mapToInt(Tensor::size).sum();
    float[] all = new float[size];
    int offset = 0;
    for (Tensor tensor : tensors.values()) {
      System.arraycopy(tensor.toArray(), 0, all, offset, tensor.size());
      offset += tensor.size();
    }
    return all;
  }

  private static ModelGraph cifarVgg() {
    GraphBuilder graph = new GraphBuilder(Shape.of(3, 32, 32));
    String x = graph.input();
    int[] widths = {32, 32, 64, 64, 128, 128};
    int index = 0;
    for (int i = 0; i < widths.length; i++) {
      x = graph.conv("features." + index, x, widths[i], 3, 1, 1, Bias.YES);
      x = graph.batchNorm("features." + (index + 1), x);
      x = graph.relu("features." + (index + 2), x);
      index += 3;
      if (i % 2 == 1) {
        x = graph.maxPool("features." + index, x, 2, 2, 0);
        index++;
      }
    }
    return graph.build(graph.linear("classifier.0", graph.flatten("flatten", x), 10));
  }

  private static SelectionConfig config(
      Scope scope, Rounding rounding, Ties ties, List<String> ignore, List<String> protect) {
    return new SelectionConfig(
        scope, rounding, OnEmpty.KEEP_BEST, 1, 1, ignore, protect, ties, Apply.REMOVE);
  }
}
