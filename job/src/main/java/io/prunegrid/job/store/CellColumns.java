package io.prunegrid.job.store;

import static io.prunegrid.job.store.Column.flag;
import static io.prunegrid.job.store.Column.list;
import static io.prunegrid.job.store.Column.map;
import static io.prunegrid.job.store.Column.number;
import static io.prunegrid.job.store.Column.optional;
import static io.prunegrid.job.store.Column.text;
import static io.prunegrid.job.store.Column.whole;

import io.prunegrid.job.store.Column.Stability;
import io.prunegrid.measure.ClassAccuracy;
import io.prunegrid.measure.Evaluation;
import io.prunegrid.pipeline.Canonical;
import io.prunegrid.pipeline.CellIdentities;
import io.prunegrid.pipeline.NetworkFigures;
import io.prunegrid.pipeline.StepSeconds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * The columns of the table {@code cells}: one row a finished cell. {@code docs/results.md} lists
 * the same columns.
 */
public final class CellColumns {
  private static final Schema CLASS_COUNT =
      Schema.createRecord(
          "class_count",
          "one class of an evaluation",
          "io.prunegrid",
          false,
          List.of(
              new Schema.Field("class", whole(), "original class index"),
              new Schema.Field("n", whole(), "images of the class"),
              new Schema.Field("correct", whole(), "images classified right")));

  static final List<Column<CellRow>> ALL = columns();

  private static final Schema SCHEMA =
      Schema.createRecord(
          "cell",
          "one finished cell",
          "io.prunegrid",
          false,
          ALL.stream().map(Column::field).toList());

  /** The table, keyed by the cell's key. */
  public static final Table TABLE = Table.keyed("cells", SCHEMA, "key");

  private CellColumns() {}

  /**
   * Names of the columns that are equal whenever the same cell is run again in the same numerics
   * class.
   */
  public static List<String> repeatable() {
    return ALL.stream()
        .filter(column -> column.stability() == Stability.REPEATS)
        .map(Column::name)
        .toList();
  }

  /** The row of a finished cell. */
  public static GenericRecord record(CellRow row) {
    GenericRecord record = new GenericData.Record(SCHEMA);
    ALL.forEach(column -> record.put(column.name(), column.value().apply(row)));
    return record;
  }

  private static List<Column<CellRow>> columns() {
    Columns to = new Columns();
    identity(to);
    accuracy(to);
    size(to);
    provenance(to);
    seconds(to);
    place(to);
    return List.copyOf(to.list);
  }

  private static void identity(Columns to) {
    to.same(
        "key",
        text(),
        "identity of the cell: hash of configuration, inputs and algorithm versions",
        r -> r.result().keys().cell());
    to.same("sweep", text(), "name of the sweep", CellRow::sweep);
    to.same("grid", text(), "name of the grid inside the sweep", CellRow::grid);
    to.same("model", text(), "zoo name, model folder or ONNX file", r -> r.config().model().name());
    to.same(
        "network_hash",
        text(),
        "SHA-256 of the unpruned graph",
        r -> r.result().inputs().network());
    to.same(
        "weights",
        optional(text()),
        "checkpoint file or `procedural`; null where the base was trained or a model folder or ONNX"
            + " file brought its own",
        r -> r.config().model().weights().orElse(null));
    to.same(
        "weights_hash",
        optional(text()),
        "SHA-256 of the given weights; null where the base was trained",
        r -> r.result().inputs().weights().orElse(null));
    to.same("data", text(), "data set as the sweep names it", r -> r.config().data());
    to.same("data_hash", text(), "hash of the data's content", r -> r.result().inputs().data());
    to.same("subset", text(), "name of the class subset", r -> r.config().subset().name());
    to.same(
        "classes",
        list(whole()),
        "original class indices of the subset, in order; empty for all",
        r -> longs(r.config().subset().classes()));
    to.same(
        "head",
        text(),
        "what became of the head: subset, full or new",
        r -> r.config().head().toString());
    to.same("method", text(), "criterion", r -> r.config().method().name());
    to.same(
        "parameters",
        map(text()),
        "parameters of the criterion, defaults included, and limits of the selection that are set",
        r -> r.config().chosen());
    to.same(
        "samples",
        whole(),
        "images scored on; 0 for all of the subset",
        r -> (long) r.config().method().samples());
    to.same(
        "samples_per_class",
        whole(),
        "images of each class scored on; 0 for no such limit",
        r -> (long) r.config().method().samplesPerClass());
    to.same(
        "scope",
        text(),
        "local: classes of one bundle are compared; global: all of them",
        r -> r.config().selection().scope().toString());
    to.same(
        "rounding",
        text(),
        "how many of n the ratio removes: up, down or nearest",
        r -> r.config().selection().rounding().toString());
    to.same(
        "on_empty",
        text(),
        "what happens where a layer would lose every channel: keep-best or skip",
        r -> r.config().selection().onEmpty().toString());
    to.same(
        "min_channels",
        whole(),
        "channels that keep-best leaves",
        r -> (long) r.config().selection().minChannels());
    to.same(
        "round_to",
        whole(),
        "remaining channels are a multiple of this",
        r -> (long) r.config().selection().roundTo());
    to.same(
        "ignore",
        list(text()),
        "layers whose outputs are not pruned",
        r -> r.config().selection().ignore());
    to.same(
        "protect",
        list(text()),
        "layers ranked with the others but never pruned",
        r -> r.config().selection().protect());
    to.same(
        "ties",
        text(),
        "which weights a mask drops at the threshold: exact or all",
        r -> r.config().selection().ties().toString());
    to.same(
        "apply",
        text(),
        "remove takes channels out, zero silences them in place",
        r -> r.config().selection().apply().toString());
    to.same(
        "ratio",
        number(),
        "share asked for, of classes of coupled channels or of weights",
        r -> r.config().ratio());
    to.same("seed", whole(), "source of the cell's random streams", r -> r.config().seed());
    to.same(
        "effect",
        text(),
        "removed; none: nothing could go; base: the ratio is 0",
        r -> r.result().effect().toString());
  }

  private static void accuracy(Columns to) {
    to.same("images", whole(), "test images of the subset", r -> (long) r.result().base().n());
    for (Stage stage : Stage.values()) {
      String when = stage.doc;
      to.same(
          "top1_" + stage.suffix + "_percent",
          stage.type(number()),
          "accuracy " + when,
          stage.of(Evaluation::top1Percent));
      to.same(
          "top5_" + stage.suffix + "_percent",
          optional(number()),
          "right class among the first five, " + when + "; null at five classes or fewer",
          stage.of(e -> e.top5Percent().isPresent() ? e.top5Percent().getAsDouble() : null));
      to.same(
          "correct_" + stage.suffix,
          stage.type(whole()),
          "images classified right, " + when,
          stage.of(e -> (long) e.correct()));
      to.same(
          "per_class_" + stage.suffix,
          stage.type(list(CLASS_COUNT)),
          "the same by class, " + when,
          stage.of(CellColumns::perClass));
    }
  }

  private static void size(Columns to) {
    figures(to, "params", "parameters, buffers not counted", NetworkFigures::params);
    figures(to, "nonzero_params", "parameters that are not zero", NetworkFigures::nonzeroParams);
    figures(
        to,
        "macs",
        "multiply-accumulates an image in convolutions and linear layers, biases not counted",
        NetworkFigures::macs);
    figures(
        to,
        "nonzero_macs",
        "multiply-accumulates whose weight is not zero",
        NetworkFigures::nonzeroMacs);
    figures(to, "bytes", "size of the saved weights file", NetworkFigures::bytes);
    to.same(
        "base_structure_hash",
        optional(text()),
        "SHA-256 of the unpruned network's graph, with the cell's head; null in rows of older"
            + " versions",
        r -> r.result().before().structure());
    to.same(
        "structure_hash",
        optional(text()),
        "SHA-256 of the graph after removal; `measurements` knows its latency; null in rows of"
            + " older versions",
        r -> r.result().after().structure());
    to.same(
        "prunable",
        whole(),
        "classes of coupled channels, or weights, that may go",
        r -> r.result().prunable());
    to.same("removed", whole(), "how many of them went", r -> r.result().removed());
    to.same(
        "ratio_channels_reached",
        number(),
        "removed / prunable; of weights where the method prunes weights",
        r -> share(r.result().removed(), r.result().prunable()));
    to.same(
        "ratio_params_reached",
        number(),
        "share of parameters that went; of nonzero ones where weights are zeroed",
        r -> lost(r, NetworkFigures::params, NetworkFigures::nonzeroParams));
    to.same(
        "ratio_macs_reached",
        number(),
        "share of multiply-accumulates that went; of nonzero ones where weights are zeroed",
        r -> lost(r, NetworkFigures::macs, NetworkFigures::nonzeroMacs));
    to.same(
        "channels_kept",
        map(whole()),
        "output channels left, by layer",
        r -> {
          Map<String, Long> kept = new java.util.TreeMap<>();
          r.result().channelsKept().forEach((layer, channels) -> kept.put(layer, (long) channels));
          return kept;
        });
  }

  private static void provenance(Columns to) {
    to.same(
        "identity",
        optional(text()),
        "everything that decides the row, as JSON; `key` is its SHA-256",
        r -> new CellIdentities().family(r.config(), r.result().inputs()).text(r.config().ratio()));
    to.same("base_key", text(), "identity of the base", r -> r.result().keys().base());
    to.same("base_hash", text(), "content hash of the base's weights", r -> r.result().baseHash());
    to.same(
        "evaluation_key",
        optional(text()),
        "identity of the unpruned network's evaluation; null in rows of earlier versions",
        r -> r.result().keys().evaluation());
    to.same("score_key", text(), "identity of the scores", r -> r.result().keys().score());
    to.same(
        "score_hash",
        optional(text()),
        "content hash of the scores; null where the ratio is 0 and nothing is scored",
        r -> r.result().scoreHash().orElse(null));
    to.same(
        "model_folder",
        optional(text()),
        "the kept network, relative to the results folder; null where none was kept",
        r -> r.modelFolder().orElse(null));
    to.same(
        "train_settings",
        optional(text()),
        "how the base was trained, as JSON; null where it was loaded",
        r ->
            r.result().inputs().weights().isPresent()
                ? null
                : Canonical.text(r.config().training()));
    to.same(
        "retrain_settings",
        text(),
        "how the pruned network was retrained, as JSON",
        r -> Canonical.text(r.config().retrain()));
    to.same(
        "retrain_epochs",
        whole(),
        "epochs of retraining asked for",
        r -> (long) r.config().retrain().epochs());
    to.same(
        "retrain_best_epoch",
        optional(whole()),
        "epoch whose weights were kept, from 1; null without retraining",
        r ->
            r.result().retrainBestEpoch().isPresent()
                ? (Long) (long) r.result().retrainBestEpoch().getAsInt()
                : null);
    to.varies(
        "base_reused",
        flag(),
        "whether the base came from the store or from another cell",
        r -> r.result().baseReused());
    to.varies(
        "score_reused",
        flag(),
        "whether the scores came from the store or from another cell",
        r -> r.result().scoreReused());
  }

  private static void seconds(Columns to) {
    time(to, "base", "loading or training the base, or waiting for it", StepSeconds::base);
    time(
        to,
        "evaluate_base",
        "evaluating the unpruned network, or waiting for it",
        StepSeconds::evaluateBase);
    time(to, "score", "scoring, or waiting for the scores", StepSeconds::score);
    time(to, "remove", "selecting, removing, reducing the head and counting", StepSeconds::remove);
    time(to, "evaluate_pruned", "evaluating after removal", StepSeconds::evaluatePruned);
    time(to, "retrain", "retraining", StepSeconds::retrain);
    time(to, "evaluate_retrained", "evaluating after retraining", StepSeconds::evaluateRetrained);
    time(to, "total", "the whole cell", StepSeconds::total);
    time(
        to,
        "preparation_alone",
        "what base, its evaluation and scores would have cost this cell alone",
        StepSeconds::preparationAlone);
    to.varies(
        "evaluate_images_per_second",
        number(),
        "images a second while evaluating the final network",
        r -> finalEvaluation(r).imagesPerSecond());
    to.varies(
        "retrain_images_per_second",
        optional(number()),
        "images a second while retraining; null without",
        r ->
            r.result().retrainImages().isPresent()
                ? (Double)
                    rate(r.result().retrainImages().getAsLong(), r.result().seconds().retrain())
                : null);
    to.varies(
        "finished_at",
        Column.text(),
        "when the cell ended, ISO 8601 in UTC",
        r -> r.finished().toString());
  }

  private static void place(Columns to) {
    to.same(
        "numerics",
        text(),
        "what may change the last bits: device kind, threads, library version",
        r -> r.place().numerics());
    to.same("threads", whole(), "threads the cell computed with", r -> (long) r.place().threads());
    to.same("device", text(), "cpu, or gpu with its index", r -> r.place().device());
    to.same("prunegrid_version", text(), "version of PruneGrid", r -> r.place().pruneGrid());
    to.same("java_version", text(), "version of the Java runtime", r -> r.place().java());
    to.same("djl_version", text(), "version of DJL", r -> r.place().djl());
    to.same("pytorch_version", text(), "version of PyTorch", r -> r.place().pytorch());
    to.varies(
        "device_name", text(), "the processor's or card's own name", r -> r.place().deviceName());
    to.varies("host", text(), "machine", r -> r.place().host());
  }

  private static void figures(
      Columns to, String name, String doc, Function<NetworkFigures, Long> value) {
    to.same(
        name + "_before",
        whole(),
        doc + ", before, with the cell's head",
        r -> value.apply(r.result().before()));
    to.same(name + "_after", whole(), doc + ", after", r -> value.apply(r.result().after()));
  }

  private static void time(
      Columns to, String step, String doc, ToDoubleFunction<StepSeconds> value) {
    to.varies("seconds_" + step, number(), doc, r -> value.applyAsDouble(r.result().seconds()));
  }

  private static Evaluation finalEvaluation(CellRow row) {
    return row.result().retrained().orElse(row.result().pruned());
  }

  private static double rate(long images, double seconds) {
    return seconds > 0 ? images / seconds : 0;
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  /** Share that went: of everything where channels went, of what was not zero where zeros came. */
  private static double lost(
      CellRow row, Function<NetworkFigures, Long> all, Function<NetworkFigures, Long> nonzero) {
    NetworkFigures before = row.result().before();
    NetworkFigures removedTo = row.result().removedTo();
    Function<NetworkFigures, Long> figure =
        all.apply(removedTo) < all.apply(before) ? all : nonzero;
    return share(figure.apply(before) - figure.apply(removedTo), figure.apply(before));
  }

  private static List<Long> longs(List<Integer> values) {
    return values.stream().map(Integer::longValue).toList();
  }

  private static List<GenericRecord> perClass(Evaluation evaluation) {
    List<GenericRecord> records = new ArrayList<>();
    for (ClassAccuracy count : evaluation.perClass()) {
      GenericRecord record = new GenericData.Record(CLASS_COUNT);
      record.put("class", (long) count.classIndex());
      record.put("n", (long) count.n());
      record.put("correct", (long) count.correct());
      records.add(record);
    }
    return records;
  }

  /** The three evaluations of a cell. */
  private enum Stage {
    BASE("base", "of the unpruned network"),
    PRUNED("pruned", "after removal"),
    RETRAINED("retrained", "after retraining");

    private final String suffix;
    private final String doc;

    Stage(String suffix, String doc) {
      this.suffix = suffix;
      this.doc = doc;
    }

    Schema type(Schema schema) {
      return this == RETRAINED ? optional(schema) : schema;
    }

    Function<CellRow, Object> of(Function<Evaluation, Object> value) {
      return switch (this) {
        case BASE -> row -> value.apply(row.result().base());
        case PRUNED -> row -> value.apply(row.result().pruned());
        case RETRAINED -> row -> row.result().retrained().map(value).orElse(null);
      };
    }
  }

  private static final class Columns {
    private final List<Column<CellRow>> list = new ArrayList<>();

    void same(String name, Schema type, String doc, Function<CellRow, Object> value) {
      list.add(new Column<>(name, type, doc, Stability.REPEATS, value));
    }

    void varies(String name, Schema type, String doc, Function<CellRow, Object> value) {
      list.add(new Column<>(name, type, doc, Stability.VARIES, value));
    }
  }
}
