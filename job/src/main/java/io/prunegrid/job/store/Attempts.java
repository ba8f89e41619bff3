package io.prunegrid.job.store;

import io.prunegrid.job.schedule.FailureKind;
import io.prunegrid.runtime.ImageCounts;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * The table {@code attempts}: one row for every time that a cell, or work that cells share, was
 * tried, so that nothing is silently missing. A planned cell is in {@code cells}, or its failures
 * are here, or it has not run yet.
 */
public final class Attempts {
  /** The table's columns, documented in its schema. */
  public static final Table TABLE = Table.unkeyed("attempts", schema());

  private Attempts() {}

  /** How an attempt ended. */
  public enum Outcome {
    /** Its row is in {@code cells}, or its artifact in the store. */
    FINISHED,
    /** It threw. */
    FAILED,
    /** Work that it needs failed, so it was not tried. */
    BLOCKED;

    private String column() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether a failed attempt is the last word. */
  public enum Ending {
    /** Nothing is tried any more until somebody asks for it. */
    GIVEN_UP,
    /** It is tried again, in the same run or by the next one. */
    OPEN;

    /** Where nobody tries again in the run: what the grid is to blame for, the next run does. */
    public static Ending of(FailureKind kind) {
      return kind.isOfTheGrid() ? OPEN : GIVEN_UP;
    }
  }

  /** The same rows, but with this ending of the failed attempts among them. */
  public static List<Row> withEnding(List<Row> rows, Ending ending) {
    return rows.stream().map(row -> withEnding(row, ending)).toList();
  }

  private static Row withEnding(Row row, Ending ending) {
    if (!row.table().equals(TABLE.name())) {
      return row;
    }
    GenericRecord values = row.values(TABLE);
    if (values.get("given_up") != null) {
      values.put("given_up", ending == Ending.GIVEN_UP);
    }
    return Row.of(TABLE, values);
  }

  /**
   * One attempt.
   *
   * @param key the cell's key, or that of the shared work
   * @param kind {@code cell}, {@code base} or {@code score}
   * @param label what it is, for people
   * @param outcome how it ended
   * @param failure why, where it did not finish
   * @param ending whether a failure is the last word of its run
   * @param log its log, relative to the results folder; empty where none is kept
   * @param number 0 for the first time that the scheduler tried it in this run
   * @param place host and executor where it ran
   * @param process number of the operating system's process there; empty where it is unknown
   * @param seconds from its start to its end, at least 0
   * @param started when it started
   * @param images what it pushed through networks; absent where it never ran on an executor
   */
  public record Attempt(
      String key,
      String kind,
      String label,
      Outcome outcome,
      Optional<Failure> failure,
      Ending ending,
      Optional<String> log,
      int number,
      String place,
      OptionalLong process,
      double seconds,
      Instant started,
      Optional<ImageCounts> images) {

    /** The row of table {@link Attempts#TABLE}. */
    public Row row() {
      GenericRecord row = new GenericData.Record(TABLE.schema());
      row.put("key", key);
      row.put("kind", kind);
      row.put("label", label);
      row.put("outcome", outcome.column());
      row.put("error_class", failure.map(Failure::type).orElse(null));
      row.put("error_message", failure.map(Failure::message).orElse(null));
      row.put("error_at", failure.map(Failure::at).orElse(null));
      row.put("attempt_number", number);
      row.put("place", place);
      row.put("failure_kind", failure.map(why -> why.kind().column()).orElse(null));
      row.put("given_up", failure.isPresent() ? ending == Ending.GIVEN_UP : null);
      row.put("last_lines", failure.map(Failure::lastLines).orElse(null));
      row.put("log", log.orElse(null));
      row.put("process", process.isPresent() ? process.getAsLong() : null);
      row.put("seconds", seconds);
      row.put("started_at", ChronoUnit.MICROS.between(Instant.EPOCH, started));
      row.put("images_evaluated", images.map(ImageCounts::evaluated).orElse(null));
      row.put("images_scored", images.map(ImageCounts::scored).orElse(null));
      row.put("images_trained", images.map(ImageCounts::trained).orElse(null));
      return Row.of(TABLE, row);
    }
  }

  private static Schema schema() {
    return SchemaBuilder.record("Attempt")
        .namespace("io.prunegrid.results")
        .fields()
        .name("key")
        .doc("key of the cell, or of the work that cells share")
        .type()
        .stringType()
        .noDefault()
        .name("kind")
        .doc("cell, base, evaluation, score, pass (for several scores) or latency")
        .type()
        .stringType()
        .noDefault()
        .name("label")
        .doc("what was tried, for people")
        .type()
        .stringType()
        .noDefault()
        .name("outcome")
        .doc("finished, failed, or blocked (work that it needs failed, so it was not tried)")
        .type()
        .stringType()
        .noDefault()
        .name("error_class")
        .doc("class of the error; null where it finished")
        .type()
        .optional()
        .stringType()
        .name("error_message")
        .doc("message of the error; null where it finished")
        .type()
        .optional()
        .stringType()
        .name("error_at")
        .doc("where in the program the error arose; null where it finished")
        .type()
        .optional()
        .stringType()
        .name("attempt_number")
        .doc("0 for the first time that the scheduler tried it in its run")
        .type()
        .intType()
        .noDefault()
        .name("place")
        .doc("host and executor")
        .type()
        .stringType()
        .noDefault()
        .name("seconds")
        .doc("seconds from start to end")
        .type()
        .doubleType()
        .noDefault()
        .name("started_at")
        .doc("when it started, UTC")
        .type(LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG)))
        .noDefault()
        .name("images_evaluated")
        .doc("images it pushed through networks for their outputs alone; null where none could")
        .type()
        .optional()
        .longType()
        .name("images_scored")
        .doc("images it pushed through networks for criteria; null where none could")
        .type()
        .optional()
        .longType()
        .name("images_trained")
        .doc("images it pushed through networks in training steps; null where none could")
        .type()
        .optional()
        .longType()
        .name("failure_kind")
        .doc(
            "whose fault it is: cell, not_a_number, time_limit, memory, executor_lost, device,"
                + " infrastructure or blocked; null where it finished")
        .type()
        .optional()
        .stringType()
        .name("given_up")
        .doc(
            "whether it waits for rerun --status failed; false: run tries it again; null where it"
                + " finished")
        .type()
        .optional()
        .booleanType()
        .name("last_lines")
        .doc("the end of its log; null where it finished")
        .type()
        .optional()
        .stringType()
        .name("log")
        .doc("file with its whole log, relative to the results folder; null where none is kept")
        .type()
        .optional()
        .stringType()
        .name("process")
        .doc("number of the process on its host; null where it is unknown")
        .type()
        .optional()
        .longType()
        .endRecord();
  }
}
