package io.prunegrid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.format.ModelCard;
import io.prunegrid.format.ModelFolder;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import io.prunegrid.job.cli.Shell;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.MeasurementColumns;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.zoo.Procedural;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(200)
class LatencyPhaseTest {
  /** Six cells with three structures: the base, and what either ratio leaves. */
  private static final String SWEEP =
      """
      sweep {
        data = fashion
        train   { epochs = 1, lr = 0.05, batch = 64, samples = 128 }
        models  = [small-cnn]
        methods = [ln, random, magnitude]
        ratios  = [0.3, 0.7]
        slots   = 2
        %s
      }
      """;

  private static final String LATENCY =
      "latency { batch-sizes = [1, 3], time = 0.5, half-width = 0.5 }";

  @TempDir private Path folder;

  private Shell.Outcome run(String latency, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("l.conf"), SWEEP.formatted(latency));
    String[] arguments = new String[4 + more.length];
    System.arraycopy(
        new String[] {"run", file.toString(), "--results", results().toString()},
        0,
        arguments,
        0,
        4);
    System.arraycopy(more, 0, arguments, 4, more.length);
    return Shell.run(arguments);
  }

  private Path results() {
    return folder.resolve("results");
  }

  private List<GenericRecord> measurements() {
    return ResultsReader.open(
            Location.of(results().toString()),
            List.of(CellColumns.TABLE, Attempts.TABLE, MeasurementColumns.TABLE))
        .rows(MeasurementColumns.TABLE);
  }

  private static Set<List<String>> structures(List<GenericRecord> rows) {
    return rows.stream()
        .map(row -> List.of(text(row, "structure_hash"), text(row, "base_structure_hash")))
        .collect(Collectors.toSet());
  }

  private static String text(GenericRecord row, String column) {
    return row.get(column).toString();
  }

  @Test
  void eachStructureIsMeasuredOnceAndAFinishedSweepCanBeMeasuredLater() throws IOException {
    assertThat(run("").code()).isZero();
    assertThat(measurements()).isEmpty();

    Shell.Outcome measuring = run(LATENCY);
    assertThat(measuring.code()).as(measuring.err()).isZero();
    assertThat(measuring.err()).contains("all 6 cells are finished");

    List<GenericRecord> cells = new CellsTable(results()).rows();
    assertThat(structures(cells)).hasSize(3);
    List<GenericRecord> held =
        measurements().stream().filter(row -> text(row, "outcome").equals("measured")).toList();
    // one that is void three times in a row is rare, and missing rather than wrong
    assertThat(structures(held)).isSubsetOf(structures(cells));
    assertThat(held.stream().map(row -> text(row, "key"))).doesNotHaveDuplicates();
    assertThat(measuring.err())
        .contains("latency: " + held.size() + " measured now, 0 before, " + (6 - held.size()));
    for (GenericRecord row : measurements()) {
      boolean covers =
          (Double) row.get("control_low") <= 1 && 1 <= (Double) row.get("control_high");
      assertThat(text(row, "outcome")).isEqualTo(covers ? "measured" : "void");
      assertThat((Double) row.get("ratio_half_width")).isPositive();
      assertThat((Long) row.get("base_repetitions")).isGreaterThanOrEqualTo(8);
      assertThat((Long) row.get("macs")).isLessThanOrEqualTo((Long) row.get("base_macs"));
      assertThat((Long) row.get("threads")).isEqualTo(1);
    }

    int rows = measurements().size();
    Shell.Outcome again = run(LATENCY, "--set", "slots=1");
    assertThat(again.code()).isZero();
    assertThat(again.err()).contains(" measured now, " + held.size() + " before");
    if (held.size() == 6) {
      assertThat(measurements()).hasSize(rows);
    }
    assertThat(again.out()).contains("latency %, batch 1", "latency %, batch 3");
    assertThat(
            Shell.run(
                    "sql",
                    results().toString(),
                    "SELECT count(DISTINCT cells.key) FROM cells JOIN measurements"
                        + " USING (structure_hash, base_structure_hash) WHERE outcome = 'measured'")
                .out())
        .endsWith("6" + System.lineSeparator());
  }

  @Test
  void bothRuntimesMeasureTheSameStructures() throws IOException {
    Shell.Outcome measuring =
        run(
            "latency { batch-sizes = [2], runtimes = [djl, onnxruntime], time = 0.5,"
                + " half-width = 0.5 }");

    assertThat(measuring.code()).as(measuring.err()).isZero();
    assertThat(measuring.err()).contains(" missing of 6 (").doesNotContain("onnx-error");
    assertThat(measuring.out())
        .contains("latency %, batch 2, djl", "latency %, batch 2, onnxruntime");
    Set<List<String>> wanted = structures(new CellsTable(results()).rows());
    for (String runtime : List.of("djl", "onnxruntime")) {
      List<GenericRecord> rows =
          measurements().stream().filter(row -> text(row, "runtime").equals(runtime)).toList();
      assertThat(structures(rows)).as(runtime).isEqualTo(wanted);
      for (GenericRecord row : rows) {
        boolean covers =
            (Double) row.get("control_low") <= 1 && 1 <= (Double) row.get("control_high");
        assertThat(text(row, "outcome")).isEqualTo(covers ? "measured" : "void");
        assertThat((Double) row.get("base_median_ms")).isPositive();
        assertThat((Long) row.get("pruned_repetitions")).isGreaterThanOrEqualTo(8);
        assertThat(text(row, "numerics"))
            .startsWith("cpu threads=1 ")
            .contains(runtime.equals("djl") ? "pytorch=" : "onnxruntime=");
        assertThat(row.get("error")).isNull();
      }
    }
  }

  /** With generated weights its outputs are not finite, so that no file of it can be verified. */
  private Path boundless() {
    GraphBuilder graph = new GraphBuilder(Shape.of(1, 14, 14));
    String x = graph.conv("conv", graph.input(), 8, 3, 1, 1, Bias.YES);
    x = graph.add("once", new ElementOp.Scale(1e20, 0), x);
    x = graph.add("twice", new ElementOp.Scale(1e20, 0), graph.relu("relu", x));
    x = graph.linear("fc", graph.flatten("flatten", graph.adaptiveAvgPool("pool", x, 2)), 10);
    ModelGraph built = graph.build(x);
    Map<String, Tensor> tiny = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> each : Procedural.weights(built).asMap().entrySet()) {
      float[] values = each.getValue().toArray();
      for (int i = 0; i < values.length; i++) {
        values[i] *= each.getKey().startsWith("conv") ? 1e-35f : 1;
      }
      tiny.put(each.getKey(), Tensor.wrap(each.getValue().shape(), values));
    }
    Path model = folder.resolve("boundless");
    ModelFolder.write(
        model,
        new Model(built, new Weights(tiny)),
        new ModelCard(
            "boundless",
            IntStream.range(0, 10).boxed().toList(),
            Optional.of("fashion"),
            new TreeMap<>()));
    return model;
  }

  @Test
  void aCellWhoseExportFailsKeepsItsOtherFiguresAndSaysOnnxError() throws IOException {
    String[] arguments = {
      "--set", "models=[\"" + boundless() + "\"]", "--set", "methods=[ln]", "--set", "ratios=[0.5]"
    };
    String latency =
        "latency { batch-sizes = [1], runtimes = [djl, onnxruntime], time = 0.5, half-width = 0.5 }";

    Shell.Outcome measuring = run(latency, arguments);

    assertThat(measuring.code()).as(measuring.err()).isZero();
    assertThat(measuring.err()).contains("1 of them say onnx-error").doesNotContain("failed:");
    assertThat(measuring.out())
        .contains("latency %, batch 1, djl", "latency %, batch 1, onnxruntime", "onnx-error");
    assertThat(new CellsTable(results()).rows())
        .singleElement()
        .satisfies(
            cell -> assertThat((Double) cell.get("top1_pruned_percent")).isGreaterThanOrEqualTo(0));
    assertThat(measurements().stream().filter(row -> text(row, "runtime").equals("djl")))
        .isNotEmpty()
        .allSatisfy(row -> assertThat((Double) row.get("ratio")).isPositive());
    assertThat(measurements().stream().filter(row -> text(row, "runtime").equals("onnxruntime")))
        .singleElement()
        .satisfies(
            row -> {
              assertThat(text(row, "outcome")).isEqualTo("onnx-error");
              assertThat(text(row, "error"))
                  .startsWith(
                      "the unpruned network cannot be exported: output 'fc' of the network is not"
                          + " finite");
              assertThat(row.get("ratio")).isNull();
              assertThat(text(row, "cell_key"))
                  .isEqualTo(text(new CellsTable(results()).rows().get(0), "key"));
            });
    assertThat(new CellsTable(results()).attempts())
        .allSatisfy(row -> assertThat(text(row, "outcome")).isEqualTo("finished"));

    int rows = measurements().size();
    Shell.Outcome again = run(latency.replace("djl, ", ""), arguments);
    assertThat(again.err()).contains("1 of them say onnx-error", "0 missing of 1");
    assertThat(measurements()).as("the same version does not try again").hasSize(rows);
  }

  @Test
  void aMeasurementThatFailsIsAnAttemptAndNoFailedCell() throws IOException {
    assertThat(run("").code()).isZero();
    List<GenericRecord> before = new CellsTable(results()).attempts();

    Shell.Outcome tooLarge = run(LATENCY, "--set", "latency.batch-sizes=[100000000]");

    assertThat(tooLarge.code()).as(tooLarge.err()).isZero();
    assertThat(tooLarge.err()).contains("failed: latency of small-cnn", "3 missing of 3");
    assertThat(new CellsTable(results()).attempts())
        .hasSize(before.size() + 3)
        .filteredOn(row -> text(row, "kind").equals("latency"))
        .filteredOn(row -> text(row, "outcome").equals("failed"))
        .hasSize(3)
        .allSatisfy(
            row -> {
              assertThat(text(row, "label")).contains("at batch 100000000");
              assertThat(text(row, "error_message"))
                  .startsWith("batch size 100000000 is too large for images of (1x");
            });
  }
}
