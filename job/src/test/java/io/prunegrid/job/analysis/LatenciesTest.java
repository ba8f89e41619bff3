package io.prunegrid.job.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.MeasurementColumns;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class LatenciesTest {
  private static GenericRecord cell(String structure, long macsAfter) {
    GenericRecord cell = new GenericData.Record(CellColumns.TABLE.schema());
    cell.put("structure_hash", structure);
    cell.put("base_structure_hash", "base");
    cell.put("macs_before", 100L);
    cell.put("macs_after", macsAfter);
    return cell;
  }

  private static GenericRecord measurement(
      String structure, String device, String outcome, double ratio) {
    GenericRecord row = new GenericData.Record(MeasurementColumns.TABLE.schema());
    row.put("structure_hash", structure);
    row.put("base_structure_hash", "base");
    row.put("runtime", "djl");
    row.put("device_class", device);
    row.put("numerics", "cpu threads=1");
    row.put("batch_size", 1L);
    row.put("outcome", outcome);
    row.put("ratio", ratio);
    row.put("ratio_low", ratio - 0.02);
    row.put("ratio_half_width", 0.02 / ratio);
    return row;
  }

  private static List<String> lines(
      List<GenericRecord> measurements, Map<Double, List<GenericRecord>> points) {
    Set<Double> ratios = new TreeSet<>(points.keySet());
    return new Latencies(measurements)
        .text(Map.of("ln", points), ratios)
        .lines()
        .map(line -> line.strip().replaceAll(" +", " "))
        .filter(line -> !line.isEmpty())
        .toList();
  }

  @Test
  void slowerWithFewerMacsIsMarkedAndNothingElseIs() {
    List<GenericRecord> measurements =
        List.of(
            measurement("odd", "cpu A", "measured", 1.10),
            measurement("even", "cpu A", "measured", 0.60),
            measurement("same", "cpu A", "measured", 1.05),
            measurement("noisy", "cpu A", "measured", 1.01));

    assertThat(
            lines(
                measurements,
                Map.of(
                    0.1, List.of(cell("odd", 90)),
                    0.2, List.of(cell("even", 50)),
                    0.3, List.of(cell("same", 100)),
                    0.4, List.of(cell("noisy", 99)))))
        .containsExactly(
            "latency %, batch 1, djl 0.1 0.2 0.3 0.4",
            "ln 110.0 ! 60.0 105.0 101.0",
            "of the unpruned network's on cpu A (cpu threads=1), each within 3.3 %; ! slower although"
                + " the MACs are fewer");
  }

  @Test
  void voidMeasurementsAndUnmeasuredStructuresAreLeftOut() {
    List<GenericRecord> measurements =
        List.of(measurement("a", "cpu A", "void", 3), measurement("b", "cpu A", "measured", 0.5));

    assertThat(
            lines(
                measurements,
                Map.of(0.1, List.of(cell("a", 90)), 0.2, List.of(cell("b", 50), cell("c", 50)))))
        .contains("ln - 50.0");
  }

  @Test
  void everyDeviceClassHasATableOfItsOwn() {
    List<GenericRecord> measurements =
        List.of(
            measurement("a", "cpu B", "measured", 0.7), measurement("a", "cpu A", "measured", 0.5));

    assertThat(lines(measurements, Map.of(0.1, List.of(cell("a", 50)))))
        .containsSubsequence("ln 50.0", "ln 70.0");
  }

  @Test
  void everyRuntimeHasATableAndSaysWhatItCannotRun() {
    GenericRecord slower = in("onnxruntime", measurement("a", "cpu A", "measured", 1.2));
    GenericRecord error = in("onnxruntime", measurement("b", "cpu A", "onnx-error", 0));
    error.put("ratio", null);
    error.put("ratio_low", null);
    error.put("ratio_half_width", null);
    GenericRecord overcome = in("onnxruntime", measurement("a", "cpu A", "onnx-error", 0));
    List<GenericRecord> measurements =
        List.of(
            measurement("a", "cpu A", "measured", 0.5),
            measurement("b", "cpu A", "measured", 0.6),
            slower,
            error,
            overcome);

    assertThat(
            lines(
                measurements,
                Map.of(
                    0.1, List.of(cell("a", 50)),
                    0.2, List.of(cell("b", 50)),
                    0.3, List.of(cell("a", 50), cell("b", 50)))))
        .containsSubsequence(
            "latency %, batch 1, djl 0.1 0.2 0.3",
            "ln 50.0 60.0 55.0 ± 7.1",
            "latency %, batch 1, onnxruntime 0.1 0.2 0.3",
            "ln 120.0 ! onnx-error 120.0 onnx-error !");
    assertThat(lines(List.of(error), Map.of(0.2, List.of(cell("b", 50)))))
        .containsExactly(
            "latency %, batch 1, onnxruntime 0.2",
            "ln onnx-error", "of the unpruned network's on cpu A (cpu threads=1)");
  }

  private static GenericRecord in(String runtime, GenericRecord row) {
    row.put("runtime", runtime);
    return row;
  }

  @Test
  void withoutMeasurementsNothingIsSaid() {
    assertThat(lines(List.of(), Map.of(0.1, List.of(cell("a", 50))))).isEmpty();
    assertThat(
            lines(
                List.of(measurement("a", "cpu A", "measured", 0.5)),
                Map.of(0.1, List.of(cell(null, 50)))))
        .isEmpty();
  }
}
