package io.prunegrid.job.store;

import static io.prunegrid.job.store.Column.number;
import static io.prunegrid.job.store.Column.optional;
import static io.prunegrid.job.store.Column.text;
import static io.prunegrid.job.store.Column.whole;

import io.prunegrid.job.store.Column.Stability;
import io.prunegrid.measure.RatioInterval;
import io.prunegrid.measure.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * The columns of the table {@code measurements}: latency by structure, device and batch size.
 * {@code docs/results.md} lists the same columns.
 */
public final class MeasurementColumns {
  /** The column {@code outcome} of a measurement that holds. */
  public static final String MEASURED = "measured";

  /** The column {@code outcome} of one that says nothing. */
  public static final String VOID = "void";

  static final List<Column<Measurement>> ALL = columns();

  private static final Schema SCHEMA =
      Schema.createRecord(
          "measurement",
          "one latency",
          "io.prunegrid",
          false,
          ALL.stream().map(Column::field).toList());

  /** The table; its key lets a subject be measured once, and be void any number of times. */
  public static final Table TABLE = Table.keyed("measurements", SCHEMA, "key");

  private MeasurementColumns() {}

  /** The row of a measurement. */
  public static Row row(Measurement measurement) {
    GenericRecord record = new GenericData.Record(SCHEMA);
    ALL.forEach(column -> record.put(column.name(), column.value().apply(measurement)));
    return Row.of(TABLE, record);
  }

  private static List<Column<Measurement>> columns() {
    List<Column<Measurement>> to = new ArrayList<>();
    subject(to);
    ratios(to);
    spread(to, "base", "of the unpruned network", m -> m.result().base());
    spread(to, "pruned", "of the pruned network", m -> m.result().pruned());
    circumstances(to);
    return List.copyOf(to);
  }

  private static void subject(List<Column<Measurement>> to) {
    same(
        to,
        "key",
        text(),
        "identity: hash of what was measured; of its own where void",
        Measurement::key);
    same(
        to,
        "structure_hash",
        text(),
        "the pruned network's graph; joins with `cells`",
        m -> m.subject().structure());
    same(
        to,
        "base_structure_hash",
        text(),
        "the unpruned network's graph; joins with `cells`",
        m -> m.subject().baseStructure());
    same(
        to,
        "device_class",
        text(),
        "kind and name of the device: each structure is measured once on each class",
        m -> m.subject().deviceClass());
    same(to, "runtime", text(), "what ran the network: djl", m -> m.subject().runtime());
    same(
        to,
        "numerics",
        text(),
        "device kind, threads, library version",
        m -> m.subject().numerics());
    same(to, "threads", whole(), "threads of one operator", m -> (long) m.place().threads());
    same(to, "batch_size", whole(), "images of a pass", m -> (long) m.subject().batchSize());
    same(
        to,
        "base_macs",
        whole(),
        "multiply-accumulates an image of the base",
        Measurement::baseMacs);
    same(
        to,
        "macs",
        whole(),
        "multiply-accumulates an image of the pruned network",
        Measurement::macs);
    varies(
        to,
        "outcome",
        text(),
        "measured; or void: the control left 1, so the figures say nothing about the networks",
        m -> m.result().isVoid() ? VOID : MEASURED);
  }

  private static void ratios(List<Column<Measurement>> to) {
    interval(to, "ratio", "latency of the pruned network over the base's", m -> m.result().ratio());
    interval(
        to,
        "control",
        "the same for the base against itself, in the same rounds",
        m -> m.result().control());
    same(
        to,
        "confidence",
        number(),
        "probability with which the intervals cover the true ratio",
        m -> RatioInterval.CONFIDENCE);
    same(
        to,
        "goal_half_width",
        number(),
        "half-width at which measuring ends early",
        m -> m.settings().goal());
  }

  private static void circumstances(List<Column<Measurement>> to) {
    varies(
        to,
        "blocks",
        whole(),
        "independent ratios behind the intervals",
        m -> (long) m.result().blocks());
    varies(
        to,
        "warm_up_rounds",
        whole(),
        "passes of each network before the first that counts",
        m -> (long) m.result().warmUpRounds());
    varies(
        to,
        "warm_up",
        text(),
        "stable: times had settled; bounded: they had not when the time for it was over",
        m -> m.result().warmUp().name().toLowerCase(Locale.ROOT));
    varies(
        to,
        "on_processor",
        optional(number()),
        "share of the timed seconds that the thread had a processor, 1 on a machine of its own; null"
            + " with several threads and on GPUs",
        m ->
            m.place().threads() == 1
                    && m.place().device().equals("cpu")
                    && m.result().onProcessor().isPresent()
                ? (Double) m.result().onProcessor().getAsDouble()
                : null);
    varies(
        to,
        "load_average",
        optional(number()),
        "runnable processes on the machine in the minute before; null where unknown",
        m -> m.loadAverage() < 0 ? null : (Double) m.loadAverage());
    varies(to, "trial", whole(), "1, or more after void ones", m -> (long) m.trial());
    varies(to, "seconds", number(), "the whole measurement", m -> m.result().seconds());
    varies(to, "started_at", text(), "ISO 8601 in UTC", m -> m.started().toString());
    varies(to, "cell_key", text(), "a cell with this structure", Measurement::cellKey);
    varies(to, "device", text(), "cpu, or gpu with its index", m -> m.place().device());
    varies(
        to,
        "device_name",
        text(),
        "the processor's or card's own name",
        m -> m.place().deviceName());
    varies(to, "host", text(), "machine", m -> m.place().host());
    same(to, "prunegrid_version", text(), "version of PruneGrid", m -> m.place().pruneGrid());
    same(to, "java_version", text(), "version of the Java runtime", m -> m.place().java());
    same(to, "djl_version", text(), "version of DJL", m -> m.place().djl());
    same(to, "pytorch_version", text(), "version of PyTorch", m -> m.place().pytorch());
  }

  private static void interval(
      List<Column<Measurement>> to,
      String name,
      String doc,
      Function<Measurement, RatioInterval> of) {
    varies(to, name, number(), doc + ": the median over blocks", m -> of.apply(m).estimate());
    varies(to, name + "_low", number(), "lower end of its interval", m -> of.apply(m).low());
    varies(to, name + "_high", number(), "upper end of its interval", m -> of.apply(m).high());
    varies(
        to,
        name + "_half_width",
        number(),
        "half the interval's width as a share of `" + name + "`",
        m -> of.apply(m).halfWidth());
  }

  private static void spread(
      List<Column<Measurement>> to, String name, String whose, Function<Measurement, Spread> of) {
    varies(to, name + "_median_ms", number(), "median pass " + whose, m -> of.apply(m).median());
    varies(
        to,
        name + "_p95_ms",
        number(),
        "95th percentile of passes " + whose,
        m -> of.apply(m).percentile95());
    varies(to, name + "_mean_ms", number(), "mean pass " + whose, m -> of.apply(m).mean());
    varies(
        to,
        name + "_deviation_ms",
        number(),
        "sample standard deviation of passes " + whose,
        m -> of.apply(m).deviation());
    varies(
        to,
        name + "_repetitions",
        whole(),
        "timed passes " + whose,
        m -> (long) of.apply(m).passes());
  }

  private static void same(
      List<Column<Measurement>> to,
      String name,
      Schema type,
      String doc,
      Function<Measurement, Object> value) {
    to.add(new Column<>(name, type, doc, Stability.REPEATS, value));
  }

  private static void varies(
      List<Column<Measurement>> to,
      String name,
      Schema type,
      String doc,
      Function<Measurement, Object> value) {
    to.add(new Column<>(name, type, doc, Stability.VARIES, value));
  }
}
