package io.prunegrid.job.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.store.CellColumns;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static GenericRecord row(String key, long samples, long seed, String grid, double top1) {
    GenericRecord row = new GenericData.Record(CellColumns.TABLE.schema());
    Map.of("key", key, "sweep", "s", "grid", grid, "model", "m", "data", "d", "subset", "all")
        .forEach(row::put);
    Map.of("head", "subset", "method", "taylor", "scope", "local", "apply", "remove")
        .forEach(row::put);
    Map.of("parameters", Map.of(), "round_to", 1L, "ratio", 0.5, "images", 10L).forEach(row::put);
    Map.of("base_key", "b", "top1_base_percent", 90.0, "macs_before", 100L).forEach(row::put);
    Map.of("rounding", "up", "on_empty", "skip", "min_channels", 1L, "ties", "exact")
        .forEach(row::put);
    Map.of("samples_per_class", 0L, "ignore", List.of(), "protect", List.of(), "retrain_epochs", 0L)
        .forEach(row::put);
    row.put("nonzero_macs_after", 50L);
    row.put("macs_after", 100L);
    row.put("samples", samples);
    row.put("seed", seed);
    row.put("top1_pruned_percent", top1);
    return row;
  }

  private static List<String> lines(GenericRecord... rows) {
    return Summary.of(List.of(rows))
        .text()
        .lines()
        .map(l -> l.strip().replaceAll(" +", " "))
        .toList();
  }

  @Test
  void anotherRetrainingIsNoOtherSeed() {
    GenericRecord slow = row("a", 64, 0, "main", 10);
    GenericRecord fast = row("b", 64, 0, "main", 20);
    slow.put("retrain_settings", "{\"lr\":0.01}");
    fast.put("retrain_settings", "{\"lr\":0.1}");

    assertThat(lines(slow, fast))
        .contains(
            "taylor retrain-settings={\"lr\":0.01} 10.0",
            "taylor retrain-settings={\"lr\":0.1} 20.0");
  }

  @Test
  void cellsWithoutRetrainingAreNoPointsOfTheLineOfThoseWithIt() {
    GenericRecord unpruned = row("a", 0, 0, "main", 90);
    unpruned.put("ratio", 0.0);
    GenericRecord half = row("b", 64, 0, "main", 10);
    GenericRecord more = row("c", 64, 0, "main", 20);
    more.put("ratio", 0.6);
    assertThat(lines(unpruned, half, more)).contains("taylor 90.0 10.0 20.0");

    more.put("retrain_epochs", 1L);
    assertThat(lines(half, more))
        .contains("taylor retrain-epochs=0 10.0 -", "taylor retrain-epochs=1 - 20.0");
  }

  @Test
  void seedsAreAveragedAndNothingElseIs() {
    assertThat(lines(row("a", 64, 0, "main", 10), row("b", 64, 1, "main", 20)))
        .contains("taylor 15.0 ± 7.1");
    assertThat(lines(row("a", 64, 0, "main", 10), row("b", 500, 0, "main", 20)))
        .contains("taylor samples=64 10.0", "taylor samples=500 20.0");
    assertThat(lines(row("a", 64, 0, "x", 10), row("b", 64, 0, "y", 20)))
        .contains("taylor grid=x 10.0", "taylor grid=y 20.0");
  }

  @Test
  void basesThatWereTrainedDifferentlyAreDifferentNetworks() {
    GenericRecord briefly = row("a", 64, 0, "main", 10);
    GenericRecord longer = row("b", 64, 1, "main", 20);
    briefly.put("train_settings", "{\"epochs\":1,\"lr\":0.1}");
    longer.put("train_settings", "{\"epochs\":9,\"lr\":0.1}");
    longer.put("base_key", "c");
    longer.put("top1_base_percent", 95.0);

    assertThat(lines(briefly, longer))
        .contains(
            "m on d, all classes (10 images) (train epochs=1): top-1 of the unpruned network 90.0 %",
            "m on d, all classes (10 images) (train epochs=9): top-1 of the unpruned network 95.0 %")
        .contains("taylor 10.0", "taylor 20.0");
  }

  @Test
  void twoRowsOfOneRatioAndSeedAreNeverAveraged() {
    assertThat(lines(row("0123456789", 64, 0, "main", 10), row("abcdef", 64, 0, "main", 20)))
        .contains("taylor key=01234567 10.0", "taylor key=abcdef 20.0");
    GenericRecord other = row("b", 64, 0, "main", 20);
    other.put("weights_hash", "abcdefghijkl");
    assertThat(lines(row("a", 64, 0, "main", 10), other))
        .anyMatch(
            line -> line.startsWith("m on d, all classes (10 images) (weights-hash=abcdefgh)"))
        .contains("taylor 10.0", "taylor 20.0");
  }
}
