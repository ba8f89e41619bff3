package io.prunegrid.job.checks;

import io.prunegrid.job.schedule.Policy;
import io.prunegrid.job.spark.GridSession;
import io.prunegrid.job.spark.GridSettings;
import io.prunegrid.job.spark.ItemRunner;
import io.prunegrid.job.spark.Progress;
import io.prunegrid.job.spark.RunListener;
import io.prunegrid.job.spark.Work;
import io.prunegrid.job.spark.WorkItem;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.CountingDisk;
import io.prunegrid.job.store.DuckDb;
import io.prunegrid.job.store.ResultsFolder;
import io.prunegrid.job.store.Row;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * What a cell costs besides its own work: cells that compute nothing take the way of real ones,
 * through scheduler, Spark, calls to the driver, journal and tables; time, the driver's heap, disk
 * space and file operations a cell are measured. And the plan of a million cells.
 */
public final class OverheadCheck {
  private static final double MILLIS_A_CELL = 2;
  private static final long BYTES_A_CELL = 2048;
  private static final double OPERATIONS_A_THOUSAND = 6;
  private static final double PLAN_SECONDS = 10;
  private static final long LEFT_BYTES = 16L << 20;

  /** Cells from which on what a run costs once is spread thin. */
  private static final int MANY = 10_000;

  private OverheadCheck() {}

  /** The long form; an argument is a folder to work in. */
  public static void main(String[] arguments) throws IOException {
    Path folder =
        arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("overhead");
    Report.main(
        "overhead",
        report -> {
          try (GridSession session = open()) {
            cells(report, session, folder, 1_000, 10_000, 100_000);
          }
          plan(report, folder, 1_000);
        });
  }

  private static GridSession open() {
    return GridSession.open(
        new GridSettings("overhead", 2, 1, BigDecimal.ZERO, Optional.empty(), Map.of()));
  }

  /** Runs so many cells that do nothing, each number in a results folder of its own. */
  static void cells(Report report, GridSession session, Path folder, int... numbers)
      throws Exception {
    run(session, folder.resolve("warm-up"), 500);
    long before = heap();
    Measured smallest = null;
    Measured smaller = null;
    for (int cells : numbers) {
      Measured measured = run(session, folder.resolve("cells-" + cells), cells);
      String name = String.format(Locale.ROOT, "%,d cells: ", cells);
      double millis = 1000 * measured.seconds() / cells;
      report.figure(name + "milliseconds a cell", String.format(Locale.ROOT, "%.3f", millis));
      report.figure(name + "heap of the driver at the end, MB", measured.heap() >> 20);
      report.figure(name + "file operations", measured.operations());
      report.figure(name + "writes of any kind by the process, event log too", measured.writes());
      report.figure(name + "bytes on disk a cell", measured.diskBytes() / cells);
      report.claim(
          measured.rows() == cells && measured.keys() == cells,
          "%s%d rows with %d keys, counted by DuckDB",
          name,
          measured.rows(),
          measured.keys());
      long left = heap() - before;
      report.claim(
          left < LEFT_BYTES, "%s%d MB of heap more when it is over", name, left / (1 << 20));
      if (cells >= MANY) {
        report.claim(millis <= MILLIS_A_CELL, "%s%.3f ms a cell", name, millis);
        if (smallest != null) {
          double thousand =
              1000.0
                  * (measured.operationCount() - smallest.operationCount())
                  / (cells - smallest.rows());
          report.claim(
              thousand <= OPERATIONS_A_THOUSAND,
              "%s%.1f file operations for each further thousand cells",
              name,
              thousand);
        }
        report.claim(
            measured.diskBytes() / cells <= BYTES_A_CELL,
            "%s%d bytes on disk a cell",
            name,
            measured.diskBytes() / cells);
        if (smaller != null) {
          long state = (measured.heap() - smaller.heap()) / (cells - smaller.rows());
          report.claim(state <= BYTES_A_CELL, "%s%d bytes of heap a cell more", name, state);
        }
        smaller = measured;
      } else {
        smallest = measured;
      }
    }
  }

  /** Plans a sweep of {@code 1000 seeds} cells in a process with 1 GB. */
  static void plan(Report report, Path folder, int seeds) throws IOException {
    Path sweep =
        Files.writeString(
            Files.createDirectories(folder).resolve("million.conf"),
            """
            sweep {
              name = million
              data = fashion
              seeds = %s
              retrain { epochs = 1 }
              models = [{ name = small-cnn, weights = procedural }]
              subsets = [all, { name = tops, classes = [0, 2, 4, 6] }]
              methods = [random, ln, taylor, group-magnitude, magnitude]
              ratios = { from = 0.009, to = 0.9, step = 0.009 }
            }
            """
                .formatted(IntStream.range(0, seeds).boxed().toList()));
    SweepProcess.Outcome outcome =
        SweepProcess.run(SweepProcess.Settings.in(folder), "plan", sweep.toString());
    int cells = 1000 * seeds;
    report.figure(
        String.format(Locale.ROOT, "plan of %,d cells: seconds", cells),
        String.format(Locale.ROOT, "%.1f", outcome.seconds()));
    report.claim(
        outcome.code() == 0 && outcome.out().replace(",", "").contains(String.valueOf(cells)),
        "plan of %,d cells: ends well with 1 GB%s",
        cells,
        outcome.code() == 0 ? "" : ": " + outcome.err());
    report.claim(
        outcome.seconds() <= PLAN_SECONDS,
        "plan of %,d cells: %.1f s, start of Java included",
        cells,
        outcome.seconds());
  }

  private record Measured(
      double seconds,
      long heap,
      Map<String, Long> operations,
      long writes,
      long diskBytes,
      long rows,
      long keys) {
    long operationCount() {
      return operations.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private static Measured run(GridSession session, Path folder, int cells) throws Exception {
    CountingDisk disk = new CountingDisk();
    HeapAtTheEnd listener = new HeapAtTheEnd();
    long writes = writes();
    long started = System.nanoTime();
    double seconds;
    try (ResultsFolder results =
        disk.open(Location.of(folder), List.of(CellColumns.TABLE, Attempts.TABLE))) {
      session.run(work(cells), Policy.DEFAULT, new Nothing(), results, listener);
    }
    seconds = (System.nanoTime() - started) * 1e-9 - listener.seconds;
    writes = writes() - writes;
    Map<String, Long> operations = new java.util.TreeMap<>();
    disk.byName().forEach((name, count) -> operations.put(name, count.get()));
    String parquet = " from '" + folder + "/cells/*.parquet'";
    return new Measured(
        seconds,
        listener.heap,
        operations,
        writes,
        size(folder),
        DuckDb.number("select count(*)" + parquet),
        DuckDb.number("select count(distinct key)" + parquet));
  }

  private static Work work(int cells) {
    Work.Builder work = Work.builder();
    for (int i = 0; i < cells; i++) {
      work.add(
          new WorkItem(key(i), "cell", "nothing " + i, i), List.of(), "group " + i / 100, 0.001, 0);
    }
    return work.build();
  }

  /** Looks at the heap while the driver still knows all that a run makes it know. */
  private static final class HeapAtTheEnd implements RunListener {
    private long heap;
    private double seconds;

    @Override
    public void finished(WorkItem item, double taken, Progress progress) {
      if (progress.all().finished() == progress.all().total()) {
        long started = System.nanoTime();
        heap = heap();
        seconds = (System.nanoTime() - started) * 1e-9;
      }
    }
  }

  /** A cell that computes nothing and leaves a row as wide as a real one. */
  private static final class Nothing implements ItemRunner {
    private static final long serialVersionUID = 1L;

    @Override
    public List<Row> run(WorkItem item) {
      GenericRecord row = new GenericData.Record(CellColumns.TABLE.schema());
      CellColumns.TABLE
          .schema()
          .getFields()
          .forEach(field -> row.put(field.name(), value(field.schema(), (int) item.payload())));
      row.put("key", item.key());
      return List.of(Row.of(CellColumns.TABLE, row));
    }

    /** Something of the type, mostly alike from cell to cell as real figures are. */
    private static Object value(Schema schema, int number) {
      return switch (schema.getType()) {
        case STRING -> "resnet20 0123456789abcdef";
        case LONG -> (long) number % 97;
        case INT -> number % 97;
        case DOUBLE -> number % 9 / 10.0;
        case BOOLEAN -> number % 2 == 0;
        case UNION -> value(schema.getTypes().get(schema.getTypes().size() - 1), number);
        case NULL -> null;
        case ARRAY -> Stream.of(0, 1, 2, 3).map(i -> value(schema.getElementType(), i)).toList();
        case MAP ->
            Map.of(
                "conv1", value(schema.getValueType(), 16), "fc", value(schema.getValueType(), 9));
        case RECORD -> {
          GenericRecord record = new GenericData.Record(schema);
          schema.getFields().forEach(f -> record.put(f.name(), value(f.schema(), number)));
          yield record;
        }
        default -> throw new IllegalStateException("no column is of type " + schema);
      };
    }
  }

  /** Calls of this process to write, as the kernel counts them. */
  private static long writes() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/io"))) {
      return lines
          .filter(line -> line.startsWith("syscw: "))
          .mapToLong(line -> Long.parseLong(line.substring(7).strip()))
          .sum();
    }
  }

  private static String key(int i) {
    return String.format(Locale.ROOT, "%064x", i * 0x9E3779B97F4A7C15L);
  }

  /** Bytes in use after a collection. */
  private static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static long size(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
