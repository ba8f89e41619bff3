package io.prunegrid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.cli.Shell;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.MeasurementColumns;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
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
