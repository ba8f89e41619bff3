package io.prunegrid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.format.WholeFiles;
import io.prunegrid.format.onnx.OnnxExport;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.Size2d;
import io.prunegrid.job.cli.Shell;
import io.prunegrid.zoo.Procedural;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file that is read, but whose channels cannot be followed, is refused before anything is done.
 */
class UnfollowedNetworkTest {
  private static final String REASON =
      "channels cannot be followed through node 'second' (Conv2d): it reads channels along axis 0"
          + " behind the batch, but node 'mixed' (Reshape) has put them along axis 2";

  @TempDir Path folder;
  private String file;

  @BeforeEach
  void write() {
    ModelGraph graph =
        new ModelGraph(
            List.of(
                new Node("x", new Op.Input(Shape.of(1, 14, 14)), List.of()),
                new Node("first", convolution(1, 7), List.of("x")),
                new Node("mixed", new ShapeOp.Reshape(Shape.of(14, 14, 7)), List.of("first")),
                new Node("second", convolution(14, 10), List.of("mixed")),
                new Node("mean", new ShapeOp.Mean(List.of(1, 2), false), List.of("second"))),
            List.of("mean"));
    file = save(graph);
  }

  private String save(ModelGraph graph) {
    Path path = folder.resolve("net.onnx");
    OnnxExport.write(path, new Model(graph, Procedural.weights(graph)), WholeFiles.Check.NONE);
    return path.toString();
  }

  private static Op convolution(int in, int out) {
    return new Op.Conv2d(in, out, Size2d.ONE, Size2d.ONE, Size2d.square(0), Size2d.ONE, 1, true);
  }

  private static List<String> refused(String... arguments) {
    Shell.Outcome outcome = Shell.run(arguments);
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    return outcome.errors();
  }

  @Test
  void everyCommandOnOneModelNamesTheNodeAndTheReason() {
    for (List<String> command :
        List.of(
            List.of("inspect"),
            List.of("score", "--method", "ln"),
            List.of("prune", "--method", "ln", "--ratio", "0.5"))) {
      assertThat(
              refused(
                  Stream.concat(command.stream(), Stream.of("--model", file))
                      .toArray(String[]::new)))
          .containsExactly("error: " + REASON);
    }
  }

  @Test
  void aSweepIsRefusedBeforeItBegins() throws IOException {
    Path sweep =
        Files.writeString(
            folder.resolve("s.conf"),
            """
            sweep {
              data = fashion
              models = ["%s"]
              methods = [ln]
              ratios = [0.5]
            }
            """
                .formatted(file));

    assertThat(refused("plan", sweep.toString()))
        .anySatisfy(line -> assertThat(line).contains(file + ": " + REASON));
    Path results = folder.resolve("results");
    assertThat(refused("run", sweep.toString(), "--results", results.toString()))
        .anySatisfy(line -> assertThat(line).contains(file + ": " + REASON));
    assertThat(results).doesNotExist();
  }

  @Test
  void aNetworkWithoutWeightsIsSaidToHaveNone() {
    ModelGraph graph =
        new ModelGraph(
            List.of(
                new Node("x", new Op.Input(Shape.of(1, 14, 14)), List.of()),
                new Node("y", new Op.Relu(), List.of("x"))),
            List.of("y"));
    assertThat(refused("inspect", "--model", save(graph)))
        .containsExactly("error: the network has no layer with weights");
  }

  @Test
  void namesAreShownWithoutTheirControlCharacters() {
    ModelGraph graph =
        new ModelGraph(
            List.of(
                new Node("x", new Op.Input(Shape.of(1, 14, 14)), List.of()),
                new Node("red\u001b[31m\n", convolution(1, 4), List.of("x")),
                new Node("b", convolution(4, 4), List.of("red\u001b[31m\n"))),
            List.of("b"));
    for (String more : List.of("", "--groups", "--sparsity")) {
      String out = shown(save(graph), more);
      assertThat(out).contains("red\\u001b[31m\\n").doesNotContain("\u001b");
    }
  }

  private static String shown(String model, String more) {
    Shell.Outcome outcome =
        more.isEmpty()
            ? Shell.run("inspect", "--model", model)
            : Shell.run("inspect", "--model", model, more);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    return outcome.out();
  }
}
