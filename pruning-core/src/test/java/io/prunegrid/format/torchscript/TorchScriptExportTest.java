package io.prunegrid.format.torchscript;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.channel.AttentionUnit;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.format.Safetensors;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.ForwardPass;
import io.prunegrid.testing.PythonTorch;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What plain PyTorch loads computes what it computes here. */
class TorchScriptExportTest {
  private static final int IMAGES = 3;

  @TempDir Path folder;

  @Test
  void generatedAndPrunedNetworksAgreeInPyTorch() throws IOException {
    PythonTorch.require();
    int written = 0;
    try (Engine engine = Engine.open(ComputeDevice.parse("cpu"))) {
      for (long seed = 0; seed < 40; seed++) {
        ModelGraph graph = RandomNetworks.graph(seed, 1 + (int) (seed % 9), 6);
        record(engine, "generated" + seed, RandomNetworks.model(graph, seed));
        written++;
      }
      Map<String, Integer> sides = new LinkedHashMap<>();
      sides.put("resnet18", 33);
      sides.put("mobilenet_v2", 32);
      sides.put("densenet121", 32);
      sides.put("vit_b_16", 48);
      sides.put("shufflenet_v2_x0_5", 32);
      for (Map.Entry<String, Integer> network : sides.entrySet()) {
        Model model = pruned(network.getKey(), network.getValue(), AttentionUnit.POSITIONS);
        record(engine, network.getKey(), model);
        written++;
      }
      record(engine, "vit_b_16-heads", pruned("vit_b_16", 48, AttentionUnit.HEADS));
      written++;
    }

    PythonTorch.Result result =
        PythonTorch.script("io/prunegrid/format/torchscript/check.py", folder.toString());

    assertThat(result.code()).as(result.output()).isZero();
    assertThat(result.output()).doesNotContain("WRONG");
    assertThat(result.output().lines()).hasSize(written).allMatch(line -> line.startsWith("ok "));
  }

  private static Model pruned(String name, int side, AttentionUnit unit) {
    ModelGraph graph =
        Zoo.build(name, Zoo.publishedSize(name).withClasses(10).withResolution(side));
    CoupledChannels channels = CoupledChannels.of(graph, unit);
    SplitMix64 stream = SplitMix64.stream(7, "scores");
    double[] scores = channels.classes().stream().mapToDouble(c -> stream.nextDouble()).toArray();
    SelectionConfig config = SelectionConfig.defaults().with(Limits.NONE.withAttention(unit));
    Selection half = Selection.select(channels, scores, 0.5, config);
    return Removal.remove(new Model(graph, Procedural.weights(graph)), channels, half).model();
  }

  private void record(Engine engine, String name, Model model) {
    TorchScriptExport.write(folder.resolve(name + ".pt"), model);
    List<Integer> dims = new ArrayList<>(List.of(IMAGES));
    dims.addAll(model.graph().input().dims());
    Tensor images = Procedural.input(1, new Shape(dims));
    Map<String, Tensor> recorded = new LinkedHashMap<>();
    recorded.put("x", images);
    try (ForwardPass pass = engine.forwardPass(model)) {
      pass.outputs(images.toArray(), IMAGES)
          .forEach(
              (output, values) ->
                  recorded.put(output, Tensor.wrap(Shape.of(values.length), values)));
    }
    Safetensors.write(folder.resolve(name + ".safetensors"), new Weights(recorded));
  }
}
