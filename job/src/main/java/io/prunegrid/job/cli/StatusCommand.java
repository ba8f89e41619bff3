package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.spark.Progress;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.job.watch.Liveness;
import io.prunegrid.job.watch.RunStatus;
import io.prunegrid.job.watch.StatusFile;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prunegrid status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Says how far the latest run of a results folder is: done, failed, what runs where, time"
          + " left, and whether its driver lives.",
      "Reads one small file that the driver writes every few seconds; the run does not notice."
    },
    footer = {"", "Example:  prunegrid status results/quickstart"})
final class StatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RESULTS", description = "A results folder, or its address.")
  private String results;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "Write the answer as JSON, too; - prints it in place of the text (docs/watching.md).")
  private String json;

  @Override
  public Integer call() throws InterruptedException {
    Answer answer = Answer.to(Optional.ofNullable(json));
    Location folder = Location.of(results);
    RunStatus first =
        StatusFile.read(folder)
            .orElseThrow(
                () ->
                    new BadInput(
                        folder + " holds no " + StatusFile.NAME + ": no run has begun there"));
    Liveness liveness = Liveness.of(first, () -> StatusFile.read(folder), Thread::sleep);
    RunStatus status = StatusFile.read(folder).orElse(first);
    answer.give(
        spec.commandLine().getOut(),
        () -> json(status, liveness),
        out -> print(out, folder, status, liveness));
    return 0;
  }

  private static Map<String, Object> json(RunStatus status, Liveness liveness) {
    Map<String, Object> json = StatusFile.json(status);
    json.put("driver_is", liveness.name().toLowerCase(Locale.ROOT));
    return json;
  }

  private static void print(PrintWriter out, Location folder, RunStatus status, Liveness liveness) {
    Instant now = Instant.now();
    out.println("sweep " + status.sweep() + ": " + StatusText.line(status));
    out.println("driver   " + driver(status, liveness));
    out.println(
        "began    " + seconds(status.began()) + ", last heard of " + seconds(status.written()));
    List<String> work = new ArrayList<>();
    status.progress().byKind().forEach((kind, counts) -> work.add(work(kind, counts)));
    if (!work.isEmpty()) {
      out.println("work     " + String.join("; ", work));
    }
    if (!status.running().isEmpty()) {
      out.println(liveness == Liveness.ALIVE ? "running" : "running when it was last heard of");
      status.running().forEach(each -> out.println("  " + StatusText.running(each, now)));
      int others = status.progress().all().running() - status.running().size();
      if (others > 0) {
        out.println("  and " + others + " more");
      }
    }
    status.notices().forEach(out::println);
    if (!status.failures().isEmpty()) {
      out.println("failed, the latest last");
      for (RunStatus.Failed failed : status.failures()) {
        out.println("  " + seconds(failed.at()) + "  " + failed.label() + ": " + failed.message());
        out.println("    log " + folder.resolve(failed.log()));
      }
    }
    out.println("results  " + folder);
  }

  private static Instant seconds(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS);
  }

  private static String driver(RunStatus status, Liveness liveness) {
    return switch (liveness) {
      case ALIVE -> status.driver().text() + " is at work";
      case GONE ->
          status.driver().text() + " is gone without a word; starting the run again does the rest";
      case ENDED ->
          status.driver().text()
              + (status.state() == RunStatus.State.STOPPED
                  ? " stopped before the end: " + status.reason().orElse("no reason is known")
                  : " has ended the run");
    };
  }

  private static String work(String kind, Progress.Counts counts) {
    return kind
        + " "
        + counts.finished()
        + " of "
        + counts.total()
        + (counts.failed() == 0 ? "" : ", " + counts.failed() + " failed")
        + (counts.blocked() == 0 ? "" : ", " + counts.blocked() + " not tried");
  }
}
