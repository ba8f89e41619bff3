package io.prunegrid.job.store;

import static io.prunegrid.job.store.Column.number;
import static io.prunegrid.job.store.Column.optional;
import static io.prunegrid.job.store.Column.text;
import static io.prunegrid.job.store.Column.whole;

import io.prunegrid.job.store.Column.Stability;
import io.prunegrid.job.sweep.LatencyRuntime;
import io.prunegrid.measure.LatencyResult;
import io.prunegrid.measure.RatioInterval;
import io.prunegrid.measure.Spread;
import io.prunegrid.runtime.OnnxSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * The columns of the table {@code measurements}: latency by structure, device, runtime and batch
 * size. {@code docs/results.md} lists the same columns.
 */
public final class MeasurementColumns {
  /** The column {@code outcome} of a measurement that holds. */
  public static final String MEASURED = "measured";

  /** The column {@code outcome} of one that says nothing. */
  public static final String VOID = "void";

  /** The column {@code outcome} of what ONNX Runtime cannot run: it has no figures. */
  public static final String ONNX_ERROR = "onnx-error";

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
    spread(to, "base", "of the unpruned network", LatencyResult::base);
    spread(to, "pruned", "of the pruned network", LatencyResult::pruned);
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
    same(
        to,
        "runtime",
        text(),
        "what ran the network: djl or onnxruntime",
        m -> m.subject().runtime());
    same(
        to,
        "numerics",
        text(),
        "device kind, threads, version of the library that ran the network",
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
        "measured; void: the control left 1, so the figures say nothing about the networks; or"
            + " onnx-error: ONNX Runtime cannot run one of them, and every figure is null",
        Measurement::outcome);
    varies(
        to,
        "error",
        optional(text()),
        "why ONNX Runtime cannot run one of the networks, and which; null where it can",
        m -> m.error().orElse(null));
  }

  private static void ratios(List<Column<Measurement>> to) {
    interval(to, "ratio", "latency of the pruned network over the base's", LatencyResult::ratio);
    interval(
        to,
        "control",
        "the same for the base against itself, in the same rounds",
        LatencyResult::control);
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
    timed(
        to,
        "blocks",
        whole(),
        "independent ratios behind the intervals",
        result -> (long) result.blocks());
    timed(
        to,
        "warm_up_rounds",
        whole(),
        "passes of each network before the first that counts",
        result -> (long) result.warmUpRounds());
    timed(
        to,
        "warm_up",
        text(),
        "stable: times had settled; bounded: they had not when the time for it was over",
        result -> result.warmUp().name().toLowerCase(Locale.ROOT));
    varies(
        to,
        "on_processor",
        optional(number()),
        "share of the timed seconds that the thread had a processor, 1 on a machine of its own; null"
            + " with several threads and on GPUs",
        MeasurementColumns::onProcessor);
    varies(
        to,
        "load_average",
        optional(number()),
        "runnable processes on the machine in the minute before; null where unknown",
        m -> m.loadAverage() < 0 ? null : (Double) m.loadAverage());
    varies(to, "trial", whole(), "1, or more after void ones", m -> (long) m.trial());
    timed(to, "seconds", number(), "the whole measurement", LatencyResult::seconds);
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
    same(
        to,
        "onnxruntime_version",
        optional(text()),
        "version of ONNX Runtime; null where another runtime ran the network",
        m ->
            m.subject().runtime().equals(LatencyRuntime.ONNX_RUNTIME.toString())
                ? OnnxSession.version()
                : null);
  }

  private static Object onProcessor(Measurement measurement) {
    OptionalDouble share =
        measurement.timing().map(LatencyResult::onProcessor).orElse(OptionalDouble.empty());
    return measurement.place().threads() == 1
            && measurement.place().device().equals("cpu")
            && share.isPresent()
        ? (Double) share.getAsDouble()
        : null;
  }

  private static void interval(
      List<Column<Measurement>> to,
      String name,
      String doc,
      Function<LatencyResult, RatioInterval> of) {
    timed(to, name, number(), doc + ": the median over blocks", m -> of.apply(m).estimate());
    timed(to, name + "_low", number(), "lower end of its interval", m -> of.apply(m).low());
    timed(to, name + "_high", number(), "upper end of its interval", m -> of.apply(m).high());
    timed(
        to,
        name + "_half_width",
        number(),
        "half the interval's width as a share of `" + name + "`",
        m -> of.apply(m).halfWidth());
  }

  private static void spread(
      List<Column<Measurement>> to, String name, String whose, Function<LatencyResult, Spread> of) {
    timed(to, name + "_median_ms", number(), "median pass " + whose, m -> of.apply(m).median());
    timed(
        to,
        name + "_p95_ms",
        number(),
        "95th percentile of passes " + whose,
        m -> of.apply(m).percentile95());
    timed(to, name + "_mean_ms", number(), "mean pass " + whose, m -> of.apply(m).mean());
    timed(
        to,
        name + "_deviation_ms",
        number(),
        "sample standard deviation of passes " + whose,
        m -> of.apply(m).deviation());
    timed(
        to,
        name + "_repetitions",
        whole(),
        "timed passes " + whose,
        m -> (long) of.apply(m).passes());
  }

  /** A figure of the timing; null where there is none. */
  private static void timed(
      List<Column<Measurement>> to,
      String name,
      Schema type,
      String doc,
      Function<LatencyResult, Object> value) {
    varies(to, name, optional(type), doc, m -> m.timing().map(value).orElse(null));
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
