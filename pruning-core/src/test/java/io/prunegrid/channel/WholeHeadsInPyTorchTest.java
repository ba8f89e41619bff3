package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.format.Safetensors;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.testing.PythonTorch;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.testing.ReferenceInterpreter;
import io.prunegrid.testing.SmallTransformer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left without some heads is what slicing torch's modules by hand leaves. */
class WholeHeadsInPyTorchTest {
  private static final int WIDTH = 12;
  private static final int HEADS = 4;

  @TempDir Path folder;

  @Test
  void headsGoAsTheyDoByHandInPyTorch() throws IOException {
    PythonTorch.require();
    ModelGraph graph = SmallTransformer.graph(WIDTH, HEADS, HEADS);
    Model model = RandomNetworks.model(graph, 3);
    CoupledChannels channels = CoupledChannels.of(graph, AttentionUnit.HEADS);
    int[] stream = channels.outClasses("conv");
    Safetensors.write(folder.resolve("original.safetensors"), model.weights());
    for (List<Integer> kept : List.of(List.of(0, 2), List.of(3), List.of(0, 1, 3))) {
      BitSet removed = new BitSet();
      for (int head = 0; head < HEADS; head++) {
        removed.set(stream[head * WIDTH / HEADS], !kept.contains(head));
      }
      record(Removal.remove(model, channels, removed).model());
      List<String> arguments = new ArrayList<>(List.of(folder.toString(), "" + HEADS));
      kept.forEach(head -> arguments.add("" + head));

      PythonTorch.Result result =
          PythonTorch.script("io/prunegrid/channel/heads.py", arguments.toArray(String[]::new));

      assertThat(result.output()).as("heads " + kept).startsWith("ok ");
    }
  }

  private void record(Model smaller) {
    double[] image = RandomNetworks.image(smaller.graph(), 1);
    double[] output = new ReferenceInterpreter(smaller).output(floats(image));
    Map<String, Tensor> recorded = new LinkedHashMap<>();
    smaller
        .graph()
        .parameters()
        .keySet()
        .forEach(name -> recorded.put(name, smaller.weights().get(name)));
    recorded.put("x", tensor(Shape.of(1, 3, 4, 4), image));
    recorded.put("y", tensor(Shape.of(1, output.length), output));
    Safetensors.write(folder.resolve("pruned.safetensors"), new Weights(recorded));
  }

  /** As a file of floats will have them. */
  private static double[] floats(double[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) values[i];
    }
    return values;
  }

  private static Tensor tensor(Shape shape, double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.wrap(shape, floats);
  }
}
