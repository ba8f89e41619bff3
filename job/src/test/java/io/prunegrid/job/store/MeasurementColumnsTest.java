package io.prunegrid.job.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.store.disk.Location;
import io.prunegrid.job.sweep.LatencyRuntime;
import io.prunegrid.measure.LatencySettings;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurementColumnsTest {
  private static final Table NOW = MeasurementColumns.TABLE;

  /** Columns that came with the second runtime. */
  private static final Set<String> NEW = Set.of("error", "onnxruntime_version");

  /** Columns that might be null before it. */
  private static final Set<String> OPTIONAL = Set.of("on_processor", "load_average");

  private static final Place PLACE =
      new Place("h", "cpu", "A", 2, "cpu threads=2 pytorch=2.7.1", "0.1.0", "17", "0.35", "2.7.1");

  @TempDir private Path folder;

  private Location results() {
    return Location.of(folder.resolve("results"));
  }

  /** The table as it was when every row was of PyTorch and had all figures. */
  private static Table before() {
    List<Schema.Field> fields =
        NOW.schema().getFields().stream()
            .filter(field -> !NEW.contains(field.name()))
            .map(
                field ->
                    field.schema().getType() == Schema.Type.UNION
                            && !OPTIONAL.contains(field.name())
                        ? new Schema.Field(field.name(), field.schema().getTypes().get(1))
                        : new Schema.Field(field, field.schema()))
            .toList();
    return Table.keyed(
        NOW.name(), Schema.createRecord("measurement", "", "io.prunegrid", false, fields), "key");
  }

  private static Row old(Table table, String key) {
    GenericRecord row = new GenericData.Record(table.schema());
    for (Schema.Field field : table.schema().getFields()) {
      row.put(
          field.name(),
          switch (field.schema().getType()) {
            case STRING -> field.name() + " of " + key;
            case LONG -> 7L;
            case DOUBLE -> 0.5;
            default -> null;
          });
    }
    row.put("key", key);
    return Row.of(table, row);
  }

  private static Measurement failed(String message) {
    return new Measurement(
        MeasuredSubject.on(PLACE, LatencyRuntime.ONNX_RUNTIME, "pruned", "base", 4),
        new LatencySettings(20, 0.03, 1),
        new Measurement.OnnxFailed(message),
        1,
        100,
        50,
        "cell",
        PLACE,
        0.5,
        Instant.EPOCH);
  }

  @Test
  void rowsOfOlderVersionsAreReadFromTheJournalAndFromParquetBesideNewOnes() {
    Table before = before();
    try (ResultsFolder results = ResultsFolder.open(results(), List.of(before))) {
      results.publishAndWait(old(before, "one"));
      results.cut();
      results.publishAndWait(old(before, "two"));
      List<GenericRecord> rows = ResultsReader.open(results(), List.of(NOW)).rows(NOW);
      assertThat(rows).extracting(row -> row.get("key").toString()).containsExactly("one", "two");
      assertThat(rows)
          .allSatisfy(
              row -> {
                assertThat(row.get("ratio")).isEqualTo(0.5);
                assertThat(row.get("blocks")).isEqualTo(7L);
                assertThat(row.get("error")).isNull();
                assertThat(row.get("onnxruntime_version")).isNull();
              });
    }
    try (ResultsFolder results = ResultsFolder.open(results(), List.of(NOW))) {
      results.publishAndWait(MeasurementColumns.row(failed("why")));
      results.cut();
      assertThat(results.reader().rows(NOW)).hasSize(3);
    }
    assertThat(
            DuckDb.number(
                "select count(*) from read_parquet('"
                    + folder.resolve("results")
                    + "/measurements/*.parquet', union_by_name = true) where ratio = 0.5"))
        .isEqualTo(2);
  }

  @Test
  void anOnnxErrorKeepsItsReasonAndHasNoFigures() {
    GenericRecord row = MeasurementColumns.row(failed("the pruned network is odd")).values(NOW);

    assertThat(row.get("outcome").toString()).isEqualTo("onnx-error");
    assertThat(row.get("error").toString()).isEqualTo("the pruned network is odd");
    assertThat(row.get("runtime").toString()).isEqualTo("onnxruntime");
    assertThat(row.get("numerics").toString())
        .matches("cpu threads=2 onnxruntime=\\d+\\.\\d+\\.\\d+");
    assertThat(row.get("onnxruntime_version").toString()).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(row.get("macs")).isEqualTo(50L);
    for (String figure : List.of("ratio", "control_low", "base_median_ms", "blocks", "seconds")) {
      assertThat(row.get(figure)).as(figure).isNull();
    }
  }

  @Test
  void anErrorNeverTakesThePlaceOfAMeasurementAndEachVersionTriesOnce() {
    MeasuredSubject subject = failed("why").subject();

    assertThat(failed("why").key())
        .isEqualTo(failed("why again").key())
        .isEqualTo(subject.onnxErrorKey("0.1.0"))
        .isNotEqualTo(subject.key())
        .isNotEqualTo(subject.onnxErrorKey("0.2.0"));
    assertThat(subject.key())
        .isNotEqualTo(MeasuredSubject.on(PLACE, LatencyRuntime.DJL, "pruned", "base", 4).key());
  }
}
