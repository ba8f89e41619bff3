package io.prunegrid.job.analysis;

import io.prunegrid.job.store.MeasurementColumns;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.generic.GenericRecord;

/**
 * Latencies that were measured, joined to cells by the hashes of their structures. Void
 * measurements are in no figure; where ONNX Runtime cannot run a network the table says so.
 */
final class Latencies {
  /** Follows a figure that is larger than the base's although the MACs are fewer. */
  static final String SLOWER = " !";

  /** One way of measuring. */
  private record Setup(String runtime, String deviceClass, String numerics, long batchSize)
      implements Comparable<Setup> {
    private static final Comparator<Setup> ORDER =
        Comparator.comparing(Setup::runtime)
            .thenComparing(Setup::deviceClass)
            .thenComparing(Setup::numerics)
            .thenComparingLong(Setup::batchSize);

    static Setup of(GenericRecord row) {
      return new Setup(
          text(row, "runtime"),
          text(row, "device_class"),
          text(row, "numerics"),
          (Long) row.get("batch_size"));
    }

    @Override
    public int compareTo(Setup other) {
      return ORDER.compare(this, other);
    }
  }

  private final Map<List<String>, Map<Setup, GenericRecord>> measured = new HashMap<>();

  /**
   * Takes up measurements.
   *
   * @param rows of the table {@code measurements}
   */
  Latencies(List<GenericRecord> rows) {
    for (GenericRecord row : rows) {
      Map<Setup, GenericRecord> here =
          measured.computeIfAbsent(structures(row), key -> new HashMap<>());
      switch (text(row, "outcome")) {
        case MeasurementColumns.MEASURED -> here.put(Setup.of(row), row);
        case MeasurementColumns.ONNX_ERROR -> here.putIfAbsent(Setup.of(row), row);
        default -> {}
      }
    }
  }

  /**
   * A table for each way of measuring that any of the cells was measured in: method by ratio,
   * latency in percent of the unpruned network's.
   *
   * @param methods cells by method and ratio
   */
  String text(Map<String, Map<Double, List<GenericRecord>>> methods, Set<Double> ratios) {
    if (measured.isEmpty()) {
      return "";
    }
    Set<Setup> setups = new TreeSet<>();
    methods
        .values()
        .forEach(
            points ->
                points
                    .values()
                    .forEach(cells -> cells.forEach(cell -> setups.addAll(of(cell).keySet()))));
    StringBuilder text = new StringBuilder();
    setups.forEach(setup -> text.append(text(setup, methods, ratios)));
    return text.toString();
  }

  private String text(
      Setup setup, Map<String, Map<Double, List<GenericRecord>>> methods, Set<Double> ratios) {
    List<String> header =
        new ArrayList<>(List.of("latency %, batch " + setup.batchSize() + ", " + setup.runtime()));
    ratios.forEach(ratio -> header.add(Summary.decimal(ratio)));
    TextTable table = new TextTable(header);
    List<Double> halfWidths = new ArrayList<>();
    boolean slower = false;
    for (Map.Entry<String, Map<Double, List<GenericRecord>>> method : methods.entrySet()) {
      List<String> line = new ArrayList<>(List.of("  " + method.getKey()));
      for (double ratio : ratios) {
        List<Double> percents = new ArrayList<>();
        boolean here = false;
        boolean error = false;
        for (GenericRecord cell : method.getValue().getOrDefault(ratio, List.of())) {
          GenericRecord measurement = of(cell).get(setup);
          if (isOnnxError(measurement)) {
            error = true;
          } else if (measurement != null) {
            percents.add(100 * (Double) measurement.get("ratio"));
            halfWidths.add((Double) measurement.get("ratio_half_width"));
            here |= isSlowerWithFewerMacs(cell, measurement);
          }
        }
        slower |= here;
        line.add(figure(percents, error) + (here ? SLOWER : ""));
      }
      table.add(line);
    }
    return table.text()
        + String.format(
            Locale.ROOT,
            "  of the unpruned network's on %s (%s)%s%s%n%n",
            setup.deviceClass(),
            setup.numerics(),
            halfWidths.isEmpty()
                ? ""
                : String.format(
                    Locale.ROOT, ", each within %.1f %%", 100 * Collections.max(halfWidths)),
            slower ? ";" + SLOWER + " slower although the MACs are fewer" : "");
  }

  /** What was measured; cells whose structures no runtime runs are told of beside it. */
  private static String figure(List<Double> percents, boolean error) {
    if (!error) {
      return Figure.of(percents).toString();
    }
    return percents.isEmpty()
        ? MeasurementColumns.ONNX_ERROR
        : Figure.of(percents) + " " + MeasurementColumns.ONNX_ERROR;
  }

  private static boolean isOnnxError(GenericRecord measurement) {
    return measurement != null
        && text(measurement, "outcome").equals(MeasurementColumns.ONNX_ERROR);
  }

  private Map<Setup, GenericRecord> of(GenericRecord cell) {
    return cell.get("structure_hash") == null
        ? Map.of()
        : measured.getOrDefault(structures(cell), Map.of());
  }

  /** The whole interval lies above 1, so that noise alone is not marked. */
  private static boolean isSlowerWithFewerMacs(GenericRecord cell, GenericRecord measurement) {
    return (Long) cell.get("macs_after") < (Long) cell.get("macs_before")
        && (Double) measurement.get("ratio_low") > 1;
  }

  private static List<String> structures(GenericRecord row) {
    return List.of(text(row, "structure_hash"), text(row, "base_structure_hash"));
  }

  private static String text(GenericRecord row, String column) {
    return row.get(column).toString();
  }
}
