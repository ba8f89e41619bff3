package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.Apply;
import io.prunegrid.channel.SelectionConfig.Rounding;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.ScoringInput;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.testing.PythonTorch;
import io.prunegrid.zoo.Procedural;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Masks at many amounts are those of torch.nn.utils.prune: by size in each tensor and over all,
 * filters by their norm, and as many at random.
 */
class TorchPruneTest {
  private final Model model = model();
  private final CoupledChannels channels = CoupledChannels.of(model.graph());

  @Test
  void masksAreTorchs(@TempDir Path folder) throws IOException {
    PythonTorch.require();
    Path file = folder.resolve("weights.txt");
    StringBuilder text = new StringBuilder();
    for (String name : List.of("conv1.weight", "conv1.bias", "conv2.weight", "fc.weight")) {
      Tensor tensor = model.weights().get(name);
      text.append(name)
          .append(' ')
          .append(
              tensor.shape().dims().stream().map(String::valueOf).collect(Collectors.joining(",")))
          .append(' ')
          .append(
              IntStream.range(0, tensor.size())
                  .mapToObj(i -> String.format(Locale.ROOT, "%.9g", tensor.at(i)))
                  .collect(Collectors.joining(" ")))
          .append('\n');
    }
    Files.writeString(file, text);
    PythonTorch.Result result =
        PythonTorch.script("io/prunegrid/pipeline/torch_prune.py", file.toString());
    assertThat(result.code()).as(result.output()).isZero();
    Map<String, Integer> compared = new TreeMap<>();
    for (String line : result.output().lines().toList()) {
      String[] words = line.split(" ", -1);
      String kind = words[0];
      double amount = Double.parseDouble(words[1]);
      Tensor mask = mask(kind, amount, words[2]);
      String found =
          IntStream.range(0, mask.size())
              .mapToObj(i -> mask.at(i) == 0 ? "0" : "1")
              .collect(Collectors.joining());
      String what = kind + " " + amount + " " + words[2];
      if (kind.equals("random")) {
        assertThat(zeros(found)).as(what).isEqualTo(zeros(words[3]));
      } else {
        assertThat(found).as(what).isEqualTo(words[3]);
      }
      compared.merge(kind, 1, Integer::sum);
    }
    // 12 amounts: 4 tensors each, 3 over all; 10 amounts: 2 convolutions by each norm
    assertThat(compared)
        .isEqualTo(Map.of("l1", 48, "random", 48, "global", 36, "filters-1", 20, "filters-2", 20));
  }

  private static long zeros(String mask) {
    return mask.chars().filter(c -> c == '0').count();
  }

  private Tensor mask(String kind, double amount, String name) {
    if (kind.startsWith("filters")) {
      Limits limits =
          new Limits(
              Limits.NONE.ratios(),
              Limits.NONE.caps(),
              0,
              Limits.NONE.layers(),
              List.of(Limits.ZeroPart.WEIGHT),
              Limits.NONE.target(),
              1,
              Limits.NONE.between(),
              Limits.ALL_LAYERS);
      return masks("ln", Map.of("p", kind.substring(8)), amount, config(Scope.LOCAL, limits))
          .getOrDefault(name, ones(name));
    }
    String method = kind.equals("random") ? "unstructured-random" : "magnitude";
    Scope scope = kind.equals("global") ? Scope.GLOBAL : Scope.LOCAL;
    String parts = scope == Scope.GLOBAL ? "weight" : "weight,bias";
    return masks(method, Map.of("parts", parts), amount, config(scope, Limits.NONE))
        .getOrDefault(name, ones(name));
  }

  private Tensor ones(String name) {
    Shape shape = model.weights().get(name).shape();
    float[] ones = new float[(int) shape.size()];
    java.util.Arrays.fill(ones, 1);
    return Tensor.wrap(shape, ones);
  }

  private Map<String, Tensor> masks(
      String method, Map<String, String> parameters, double amount, SelectionConfig config) {
    Criterion criterion = Criteria.named(method);
    return Pruner.prune(
            model,
            channels,
            SmallCells.method(method, 0, parameters),
            criterion.score(ScoringInput.of(model, criterion.resolve(parameters))),
            amount,
            config)
        .masks();
  }

  private static SelectionConfig config(Scope scope, Limits limits) {
    SelectionConfig defaults = SelectionConfig.defaults();
    return new SelectionConfig(
        scope,
        Rounding.NEAREST,
        defaults.onEmpty(),
        1,
        1,
        List.of(),
        List.of(),
        defaults.ties(),
        Apply.ZERO,
        limits);
  }

  private static Model model() {
    GraphBuilder g = new GraphBuilder(Shape.of(3, 6, 6));
    String x = g.relu("relu1", g.conv("conv1", g.input(), 9, 3, 2, 1, Bias.YES));
    x = g.relu("relu2", g.conv("conv2", x, 14, 3, 1, 1, Bias.NO));
    ModelGraph graph = g.build(g.linear("fc", g.flatten("flatten", x), 5));
    return new Model(graph, Procedural.weights(graph));
  }
}
