package io.prunegrid.job.watch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.common.BadInput;
import io.prunegrid.job.spark.Progress;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Holder;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.job.watch.RunStatus.Failed;
import io.prunegrid.job.watch.RunStatus.Running;
import io.prunegrid.job.watch.RunStatus.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The file {@code status.json} of a results folder, which the driver of the latest run replaces
 * every few seconds, whole at every moment. {@code docs/watching.md} lists its fields.
 */
public final class StatusFile {
  /** Its name in the results folder. */
  public static final String NAME = "status.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private StatusFile() {}

  /**
   * Replaces the status.
   *
   * @throws UncheckedIOException where it cannot be written
   */
  public static void write(Location results, RunStatus status) {
    try {
      Disk.of(results)
          .replace(
              results.resolve(NAME),
              (JSON.writeValueAsString(json(status)) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The status that the latest run left; empty where none did.
   *
   * @throws BadInput where it cannot be read
   */
  public static Optional<RunStatus> read(Location results) {
    try {
      Optional<byte[]> bytes = Disk.of(results).read(results.resolve(NAME));
      return bytes.isEmpty() ? Optional.empty() : Optional.of(parse(JSON.readTree(bytes.get())));
    } catch (JsonProcessingException | DateTimeException | IllegalArgumentException e) {
      throw new BadInput(results.resolve(NAME) + " is no status of a run: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new BadInput(results.resolve(NAME) + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** The fields as {@code docs/watching.md} lists them. */
  public static Map<String, Object> json(RunStatus status) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("sweep", status.sweep());
    json.put("state", status.state().name().toLowerCase(Locale.ROOT));
    json.put("reason", status.reason().orElse(null));
    json.put("began_at", status.began().toString());
    json.put("written_at", status.written().toString());
    json.put("heartbeat", status.heartbeat());
    json.put("every_seconds", status.everySeconds());
    Map<String, Object> driver = new LinkedHashMap<>();
    driver.put("text", status.driver().text());
    driver.put("process", status.driver().process());
    driver.put("started", status.driver().started());
    driver.put("machine", status.driver().machine());
    json.put("driver", driver);
    json.put("cells", status.cells());
    json.put("before", status.before());
    json.put("done", status.done());
    Map<String, Object> kinds = new LinkedHashMap<>();
    status.progress().byKind().forEach((kind, counts) -> kinds.put(kind, json(counts)));
    json.put("work", kinds);
    json.put(
        "seconds_left", status.secondsLeft().isPresent() ? status.secondsLeft().getAsLong() : null);
    json.put("running", status.running().stream().map(StatusFile::json).toList());
    json.put("failed_by_the_grid", status.failedByTheGrid());
    json.put("notices", status.notices());
    json.put("failures", status.failures().stream().map(StatusFile::json).toList());
    return json;
  }

  private static Map<String, Object> json(Progress.Counts counts) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("total", counts.total());
    json.put("running", counts.running());
    json.put("finished", counts.finished());
    json.put("failed", counts.failed());
    json.put("blocked", counts.blocked());
    return json;
  }

  private static Map<String, Object> json(Running running) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", running.kind());
    json.put("label", running.label());
    json.put("place", running.place());
    json.put("since", running.since().toString());
    return json;
  }

  private static Map<String, Object> json(Failed failed) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", failed.kind());
    json.put("label", failed.label());
    json.put("key", failed.key());
    json.put("message", failed.message());
    json.put("log", failed.log());
    json.put("at", failed.at().toString());
    return json;
  }

  private static RunStatus parse(JsonNode json) {
    JsonNode driver = json.required("driver");
    TreeMap<String, Progress.Counts> kinds = new TreeMap<>();
    json.required("work")
        .properties()
        .forEach(entry -> kinds.put(entry.getKey(), counts(entry.getValue())));
    List<Running> running = new ArrayList<>();
    json.required("running")
        .forEach(
            each ->
                running.add(
                    new Running(
                        text(each, "kind"),
                        text(each, "label"),
                        text(each, "place"),
                        Instant.parse(text(each, "since")))));
    List<Failed> failures = new ArrayList<>();
    json.required("failures")
        .forEach(
            each ->
                failures.add(
                    new Failed(
                        text(each, "kind"),
                        text(each, "label"),
                        text(each, "key"),
                        text(each, "message"),
                        text(each, "log"),
                        Instant.parse(text(each, "at")))));
    List<String> notices = new ArrayList<>();
    json.required("notices").forEach(notice -> notices.add(notice.asText()));
    JsonNode left = json.required("seconds_left");
    return new RunStatus(
        text(json, "sweep"),
        new Holder(
            text(driver, "machine"),
            driver.required("process").asLong(),
            driver.required("started").asLong(),
            text(driver, "text")),
        State.valueOf(text(json, "state").toUpperCase(Locale.ROOT)),
        optional(json, "reason"),
        json.required("heartbeat").asLong(),
        Instant.parse(text(json, "written_at")),
        json.required("every_seconds").asDouble(),
        Instant.parse(text(json, "began_at")),
        json.required("cells").asInt(),
        json.required("before").asInt(),
        new Progress(kinds, new TreeMap<>()),
        running,
        failures,
        json.required("failed_by_the_grid").asInt(),
        notices,
        left.isNull() ? OptionalLong.empty() : OptionalLong.of(left.asLong()));
  }

  private static Progress.Counts counts(JsonNode json) {
    return new Progress.Counts(
        json.required("total").asInt(),
        json.required("running").asInt(),
        json.required("finished").asInt(),
        json.required("failed").asInt(),
        json.required("blocked").asInt());
  }

  private static String text(JsonNode json, String field) {
    return json.required(field).asText();
  }

  private static Optional<String> optional(JsonNode json, String field) {
    JsonNode value = json.path(field);
    return value.isTextual() ? Optional.of(value.asText()) : Optional.empty();
  }
}
