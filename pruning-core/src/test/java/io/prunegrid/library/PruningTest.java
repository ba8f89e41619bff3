package io.prunegrid.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.channel.AttentionUnit;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.format.ModelCard;
import io.prunegrid.format.ModelFolder;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.TokenOp;
import io.prunegrid.graph.Weights;
import io.prunegrid.pipeline.ModelExport;
import io.prunegrid.testing.SmallTransformer;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PruningTest {
  private static final Pattern EXAMPLE =
      Pattern.compile("```java\n(.*?class (\\w+) .*?)```", Pattern.DOTALL);

  @TempDir Path folder;
  private String whole;

  @BeforeEach
  void saveANetwork() {
    ModelGraph graph = Zoo.build("resnet18", new NetworkSize(10, 3, 32, 32));
    Path path = folder.resolve("whole");
    ModelFolder.write(path, new Model(graph, Procedural.weights(graph)), card());
    whole = path.toString();
  }

  private static ModelCard card() {
    return new ModelCard(
        "resnet18", IntStream.range(0, 10).boxed().toList(), Optional.empty(), new TreeMap<>());
  }

  @Test
  void theExampleOfTheReadmeRunsWithoutSpark() throws Exception {
    Matcher found = EXAMPLE.matcher(Files.readString(Path.of("..", "README.md")));
    assertThat(found.find()).as("an example in README.md").isTrue();
    Path source = folder.resolve(found.group(2) + ".java");
    Files.writeString(source, found.group(1));
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-d",
                folder.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                source.toString());
    assertThat(compiled).isZero();
    assertThatThrownBy(() -> Class.forName("org.apache.spark.SparkContext"))
        .isInstanceOf(ClassNotFoundException.class);
    Path smaller = folder.resolve("smaller");
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      loader
          .loadClass(found.group(2))
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[] {whole, smaller.toString()});
    }
    ModelGraph graph = Network.load(smaller.toString()).model().graph();
    assertThat(graph.shape("conv1").channels()).as("refused").isEqualTo(64);
    assertThat(graph.shape("layer4.1.conv1").channels()).as("accepted").isEqualTo(256);
    assertThat(lines(found.group(1))).isLessThanOrEqualTo(10);
  }

  /** Statements, whatever the imports and the class around them. */
  private static long lines(String example) {
    return example
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("import ") && !line.endsWith("{"))
        .filter(line -> !line.strip().equals("}"))
        .count();
  }

  @Test
  void everyBundleIsProposedOnceWithWhatWouldGoOfIt() {
    List<Proposal> proposals = new ArrayList<>();

    Network half =
        Network.load(whole)
            .pruning("ln")
            .parameter("p", "2")
            .review(
                proposal -> {
                  proposals.add(proposal);
                  return Decision.accept();
                })
            .at(0.5);

    assertThat(proposals).hasSize(12).extracting(Proposal::root).doesNotHaveDuplicates();
    for (Proposal proposal : proposals) {
      int channels = proposal.scores().size();
      assertThat(proposal.removed()).hasSize(channels / 2);
      assertThat(half.model().graph().shape(proposal.root()).channels()).isEqualTo(channels / 2);
      double highest =
          proposal.removed().stream().mapToDouble(proposal.scores()::get).max().orElseThrow();
      assertThat(
              proposal.scores().entrySet().stream()
                  .filter(entry -> !proposal.removed().contains(entry.getKey())))
          .allMatch(entry -> entry.getValue() >= highest);
    }
    assertThat(proposals.get(0).layers())
        .containsExactly(
            "conv1", "bn1", "layer1.0.conv2", "layer1.0.bn2", "layer1.1.conv2", "layer1.1.bn2");
  }

  @Test
  void anEditedBundleLosesWhatTheEditSays() throws IOException {
    Network network = Network.load(whole);
    Network edited =
        network
            .pruning("group-magnitude")
            .review(
                proposal ->
                    proposal.root().equals("layer1.0.conv1")
                        ? Decision.remove(List.of(3, 5))
                        : Decision.refuse())
            .at(0.25);

    assertThat(edited.counts().layers().get("layer1.0.conv1").parameters()).isEqualTo(62L * 64 * 9);
    float[] before = network.model().weights().get("layer1.0.conv1.weight").toArray();
    float[] after = edited.model().weights().get("layer1.0.conv1.weight").toArray();
    assertThat(after[3 * 64 * 9]).isEqualTo(before[4 * 64 * 9]);
    assertThat(after[4 * 64 * 9]).isEqualTo(before[6 * 64 * 9]);
    edited.save(folder.resolve("edited"));
    edited.exportOnnx(folder.resolve("edited.onnx"));
    assertThat(Network.load(folder.resolve("edited").toString()).model().weights())
        .isEqualTo(edited.model().weights());
    assertThat(Network.load(folder.resolve("edited.onnx").toString()).counts().macs())
        .isEqualTo(edited.counts().macs());
  }

  @Test
  void wholeHeadsOfAttentionGoWhereThatIsAsked() {
    ModelGraph graph = SmallTransformer.graph(12, 4);
    Path path = folder.resolve("transformer");
    ModelFolder.write(
        path,
        new Model(graph, Procedural.weights(graph)),
        new ModelCard("small", List.of(0, 1, 2, 3, 4), Optional.empty(), new TreeMap<>()));
    SelectionConfig heads =
        SelectionConfig.defaults().with(Limits.NONE.withAttention(AttentionUnit.HEADS));

    Network half = Network.load(path.toString()).pruning("ln").selection(heads).at(0.5);

    assertThat(half.model().graph().node("layer0.attention").op())
        .isEqualTo(new TokenOp.MultiHeadAttention(6, 2, true));
  }

  @Test
  void whatCannotBeDoneIsRefused() {
    Network network = Network.load(whole);

    assertThatThrownBy(() -> network.pruning("magnitude"))
        .isInstanceOf(BadInput.class)
        .hasMessage("method magnitude masks single weights; allowed: methods that rank channels");
    assertThatThrownBy(() -> network.pruning("taylor").at(0.5))
        .isInstanceOf(BadInput.class)
        .hasMessage("method taylor looks at images; none were given");
    assertThatThrownBy(
            () -> network.pruning("ln").review(proposal -> Decision.remove(List.of(512))).at(0.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("channel 512 of conv1 cannot go with this bundle");
    assertThatThrownBy(
            () ->
                network
                    .pruning("ln")
                    .review(proposal -> Decision.remove(proposal.scores().keySet()))
                    .at(0.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("would be left without channels");
  }

  @Test
  void anExportedFileIsVerifiedAndNeverReplaced() throws IOException {
    Path file = Files.writeString(folder.resolve("taken.onnx"), "mine");
    Network network = Network.load(whole);
    assertThatThrownBy(() -> network.exportOnnx(file))
        .isInstanceOf(BadInput.class)
        .hasMessage(file + " exists; it is left as it is");
    assertThat(file).hasContent("mine");

    Network broken = Network.load(notFinite().toString());
    Path other = folder.resolve("broken.onnx");
    assertThatThrownBy(() -> broken.exportOnnx(other))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith("output 'fc' of the network is not finite");
    assertThat(other).doesNotExist();
    broken.exportOnnx(other, ModelExport.Verification.SKIP);
    assertThat(other).isNotEmptyFile();
  }

  private Path notFinite() {
    ModelGraph graph = Zoo.build("resnet18", new NetworkSize(10, 3, 32, 32));
    Map<String, Tensor> tensors = new LinkedHashMap<>(Procedural.weights(graph).asMap());
    float[] bias = new float[10];
    Arrays.fill(bias, Float.NaN);
    tensors.put("fc.bias", Tensor.wrap(Shape.of(10), bias));
    Path path = folder.resolve("broken");
    ModelFolder.write(path, new Model(graph, new Weights(tensors)), card());
    return path;
  }

  @Test
  void whatIsMissingIsSaidAtOnce() {
    Network network = Network.load(whole);

    assertThatThrownBy(() -> network.pruning(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("the name of a method is missing");
    assertThatThrownBy(() -> network.pruning("ln").review(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("a review is missing");
    assertThatThrownBy(() -> network.pruning("ln").review(proposal -> null).at(0.5))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("the review of the bundle of conv1 gave no decision");
  }
}
