package io.prunegrid.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.zoo.Initialization;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
  @TempDir Path folder;

  @Test
  void everyNetworkComesBackAsItWas() {
    for (String name : List.of("resnet20", "resnet18", "small-cnn")) {
      Model model = model(Zoo.build(name, new NetworkSize(3, 3, 32, 32)));
      ModelCard card = card(3);
      Path path = folder.resolve("deep").resolve(name);
      ModelFolder.write(path, model, card);
      assertThat(ModelFolder.read(path)).isEqualTo(new SavedModel(model, card));
    }
  }

  @Test
  void everyOperatorComesBackAsItWas() {
    Set<Class<?>> covered = new HashSet<>();
    Path file = folder.resolve("graph.json");
    for (int seed = 0; seed < 100; seed++) {
      ModelGraph graph = seed == 0 ? everything() : RandomNetworks.graph(seed, 8, 6);
      graph.nodes().forEach(node -> covered.add(node.op().getClass()));
      GraphJson.write(file, graph);
      assertThat(GraphJson.read(file)).isEqualTo(graph);
    }
    assertThat(covered).containsExactlyInAnyOrderElementsOf(operators(Op.class).toList());
  }

  private static Stream<Class<?>> operators(Class<?> family) {
    return family.isSealed()
        ? Arrays.stream(family.getPermittedSubclasses()).flatMap(ModelFolderTest::operators)
        : Stream.of(family);
  }

  @Test
  void theSameModelGivesTheSameBytes() throws IOException {
    Model model = model(Zoo.build("small-cnn", new NetworkSize(3, 1, 14, 14)));
    ModelFolder.write(folder.resolve("a"), model, card(3));
    ModelFolder.write(folder.resolve("b"), model, card(3));
    for (String file : List.of("graph.json", "weights.safetensors", "card.json")) {
      assertThat(folder.resolve("a").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("b").resolve(file));
    }
    assertThat(Safetensors.size(model.weights()))
        .isEqualTo(Files.size(folder.resolve("a/weights.safetensors")));
  }

  @Test
  void anOlderModelFolderIsReplacedAndNothingElseIs() throws IOException {
    Path path = folder.resolve("model");
    ModelFolder.write(path, model(Zoo.build("small-cnn", new NetworkSize(3, 1, 14, 14))), card(3));
    Model second = model(Zoo.build("small-cnn", new NetworkSize(2, 1, 14, 14)));
    ModelFolder.write(path, second, card(2));
    assertThat(ModelFolder.read(path).model()).isEqualTo(second);

    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("thesis.txt"), "years of work");
    assertThatThrownBy(() -> ModelFolder.write(other, second, card(2)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("is no model folder");
    assertThat(other.resolve("thesis.txt")).hasContent("years of work");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactlyInAnyOrder(path, other);
    }
  }

  @Test
  void aPlaceThatCannotBeWrittenIsNamedAndLeftAsItWas() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "kept");
    Model model = model(Zoo.build("small-cnn", new NetworkSize(3, 1, 14, 14)));
    assertThatThrownBy(() -> ModelFolder.write(file.resolve("model"), model, card(3)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(file.toString());
    assertThatThrownBy(() -> ModelFolder.write(file, model, card(3))).isInstanceOf(BadInput.class);
    assertThat(file).hasContent("kept");
  }

  @Test
  void anIncompleteFolderNamesWhatItLacks() throws IOException {
    Path path = folder.resolve("model");
    ModelFolder.write(path, model(Zoo.build("small-cnn", new NetworkSize(3, 1, 14, 14))), card(3));
    Files.delete(path.resolve("graph.json"));
    assertThatThrownBy(() -> ModelFolder.read(path))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no graph.json");
    assertThatThrownBy(() -> ModelFolder.read(folder.resolve("nowhere")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("does not exist");
  }

  @Test
  void aNewerVersionIsRefusedByNumber() throws IOException {
    Path path = folder.resolve("model");
    Model model = model(Zoo.build("small-cnn", new NetworkSize(3, 1, 14, 14)));
    for (String file : List.of("card.json", "graph.json")) {
      ModelFolder.write(path, model, card(3));
      edit(path.resolve(file), "\"version\" : 1", "\"version\" : 2, \"unheard\" : 0");
      assertThatThrownBy(() -> ModelFolder.read(path))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining(file)
          .hasMessageContaining("version 2");
    }
  }

  @Test
  void partsThatDoNotFitEachOtherAreRefused() throws IOException {
    Path path = folder.resolve("model");
    Model model = model(Zoo.build("small-cnn", new NetworkSize(3, 1, 14, 14)));
    for (Map.Entry<String, String[]> edit :
        Map.of(
                "card.json",
                new String[] {"[ 0, 1, 2 ]", "[ 0, 1 ]", "3 outputs"},
                "graph.json",
                new String[] {"\"out\" : 3,", "\"out\" : 4,", "linear2.weight"})
            .entrySet()) {
      ModelFolder.write(path, model, card(3));
      edit(path.resolve(edit.getKey()), edit.getValue()[0], edit.getValue()[1]);
      assertThatThrownBy(() -> ModelFolder.read(path))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining(edit.getValue()[2]);
    }
  }

  @Test
  void fieldsThatMeanNothingAreRefused() throws IOException {
    Path file = folder.resolve("graph.json");
    GraphJson.write(file, everything());
    for (String[] edit :
        new String[][] {
          {"\"op\" : \"relu\"", "\"op\" : \"swish\"", "'swish'"},
          {"\"op\" : \"relu\"", "\"op\" : \"relu\", \"slope\" : 1", "'slope'"},
          {"\"groups\" : 2", "\"groups\" : 3", "3 groups"},
          {"\"groups\" : 2", "\"groups\" : 99999999999", "whole numbers"},
          {"\"outputs\" : [ \"sum\" ]", "\"outputs\" : [ ]", "at least one output"}
        }) {
      GraphJson.write(file, everything());
      edit(file, edit[0], edit[1]);
      assertThatThrownBy(() -> GraphJson.read(file))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining(edit[2]);
    }
  }

  private static void edit(Path file, String from, String to) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replaceFirst(Pattern.quote(from), to));
  }

  private static Model model(ModelGraph graph) {
    return new Model(graph, Initialization.weights(graph, 5));
  }

  private static ModelCard card(int classes) {
    return new ModelCard(
        "resnet20",
        IntStream.range(0, classes).boxed().toList(),
        Optional.of("cifar10:/data"),
        new TreeMap<>(Map.of("method", "ln", "ratio", "0.5")));
  }

  /** A network with every operator, one of its modules used twice. */
  private static ModelGraph everything() {
    GraphBuilder builder = new GraphBuilder(Shape.of(4, 8, 10));
    Op conv =
        new Op.Conv2d(
            4, 6, new Size2d(3, 1), new Size2d(2, 1), new Size2d(1, 0), new Size2d(1, 2), 2, true);
    String x = builder.add("conv", conv, builder.input());
    x = builder.relu("relu", builder.batchNorm("norm", x));
    String wide = builder.add("concat", new Op.Concat(), x, x);
    wide = builder.add("select", new Op.SelectChannels(List.of(7, 0, 3, 4)), wide);
    wide = builder.add("pad", new Op.PadChannels(1, 1), wide);
    x = builder.add("add", new Op.Add(), x, wide);
    x = builder.maxPool("pool", builder.add("subsample", new Op.Subsample2d(2), x), 2, 1, 1);
    x = builder.flatten("flatten", builder.adaptiveAvgPool("mean", x, 2));
    x = builder.linear("fc", builder.add("dropout", new Op.Dropout(0.25), x), 5);
    String once = builder.add(new Node("once", new Op.Linear(5, 5, false), List.of(x), "shared"));
    String twice =
        builder.add(new Node("twice", new Op.Linear(5, 5, false), List.of(once), "shared"));
    List<String> terms = new ArrayList<>(List.of(once, twice));
    return builder.build(builder.add("sum", new Op.Add(), terms.toArray(String[]::new)));
  }
}
