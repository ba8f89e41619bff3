package io.prunegrid.job.watch;

import io.prunegrid.job.spark.Progress;
import io.prunegrid.job.spark.RunListener;
import io.prunegrid.job.spark.WorkItem;
import io.prunegrid.job.store.Failure;
import io.prunegrid.job.store.disk.Holder;
import io.prunegrid.job.watch.RunStatus.Failed;
import io.prunegrid.job.watch.RunStatus.Running;
import io.prunegrid.job.watch.RunStatus.State;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Keeps what people want to know of a run: a few counts, what runs now, what failed last. What it
 * holds does not grow with the cells. Safe for any number of threads.
 */
public final class RunMonitor implements RunListener {
  /** Most running items that a status lists. */
  static final int MOST_RUNNING = 64;

  /** Most notices that a status lists. */
  static final int MOST_NOTICES = 20;

  /** Most failures that a status lists. */
  static final int MOST_FAILURES = 10;

  private final String sweep;
  private final int cells;
  private final int before;
  private final Clock clock;
  private final Holder driver = Holder.me();
  private final Instant began;
  private final TimeLeft timeLeft = new TimeLeft();
  private final Map<String, UnderWay> running = new HashMap<>();
  private final Deque<Failed> failures = new ArrayDeque<>();
  private final List<String> notices = new ArrayList<>();
  private int failedByTheGrid;
  private Progress earlier = Progress.NONE;
  private Progress progress = Progress.NONE;
  private State state = State.RUNNING;
  private String reason;

  private record UnderWay(WorkItem item, String place, double expectedSeconds, Instant since) {}

  /**
   * A run that begins now.
   *
   * @param cells cells of the sweep
   * @param before cells that were finished before
   */
  public RunMonitor(String sweep, int cells, int before, Clock clock) {
    this.sweep = sweep;
    this.cells = cells;
    this.before = before;
    this.clock = clock;
    this.began = clock.instant();
  }

  @Override
  public synchronized void planned(Progress now) {
    earlier = progress;
    progress = now.after(earlier);
  }

  @Override
  public synchronized void began(
      WorkItem item, String place, double expectedSeconds, Progress now) {
    progress = now.after(earlier);
    failures.removeIf(failed -> failed.key().equals(item.key()));
    running.put(item.key(), new UnderWay(item, place, expectedSeconds, clock.instant()));
    timeLeft.busy(running.size());
  }

  @Override
  public synchronized void handedOver(WorkItem item, double seconds, Progress now) {
    progress = now.after(earlier);
    UnderWay was = running.remove(item.key());
    if (was != null) {
      timeLeft.ended(item.kind(), was.expectedSeconds(), seconds);
    }
  }

  @Override
  public synchronized void finished(WorkItem item, double seconds, Progress now) {
    progress = now.after(earlier);
  }

  @Override
  public synchronized void failed(WorkItem item, Failure failure, String log, Progress now) {
    progress = now.after(earlier);
    running.remove(item.key());
    failedByTheGrid += failure.kind().isOfTheGrid() ? 1 : 0;
    if (failures.size() == MOST_FAILURES) {
      failures.removeFirst();
    }
    failures.add(
        new Failed(item.kind(), item.label(), item.key(), failure.message(), log, clock.instant()));
  }

  @Override
  public synchronized void blocked(WorkItem item, Failure because, Progress now) {
    progress = now.after(earlier);
  }

  @Override
  public synchronized void retried(WorkItem item, Failure failure, Progress now) {
    progress = now.after(earlier);
    running.remove(item.key());
  }

  @Override
  public synchronized void excluded(String what, String why) {
    if (notices.size() < MOST_NOTICES) {
      notices.add(what + " gets no more work: " + why);
    }
  }

  @Override
  public synchronized void stopped(String because, Progress now) {
    progress = now.after(earlier);
    reason = because;
  }

  /** The run has come to its end. */
  public synchronized void ended() {
    state = reason == null ? State.ENDED : State.STOPPED;
    running.clear();
  }

  /** The run was broken off. */
  public synchronized void brokenOff(String because) {
    state = State.STOPPED;
    reason = because;
    running.clear();
  }

  /** How the run is now. */
  public RunStatus status() {
    return status(0, 0);
  }

  /**
   * How the run is now, as it is written.
   *
   * @param heartbeat counts the statuses that are written
   * @param everySeconds how often they are
   */
  synchronized RunStatus status(long heartbeat, double everySeconds) {
    Instant now = clock.instant();
    List<Running> listed =
        running.values().stream()
            .sorted(Comparator.comparing(UnderWay::since).thenComparing(r -> r.item().key()))
            .limit(MOST_RUNNING)
            .map(r -> new Running(r.item().kind(), r.item().label(), r.place(), r.since()))
            .toList();
    return new RunStatus(
        sweep,
        driver,
        state,
        Optional.ofNullable(reason),
        heartbeat,
        now,
        everySeconds,
        began,
        cells,
        before,
        progress,
        listed,
        List.copyOf(failures),
        failedByTheGrid,
        List.copyOf(notices),
        secondsLeft(now));
  }

  private OptionalLong secondsLeft(Instant now) {
    if (state != State.RUNNING) {
      return OptionalLong.empty();
    }
    OptionalDouble seconds =
        timeLeft.seconds(
            progress,
            running.values().stream()
                .map(
                    r ->
                        new TimeLeft.UnderWay(
                            r.item().kind(),
                            r.expectedSeconds(),
                            Duration.between(r.since(), now).toMillis() / 1000.0))
                .toList());
    return seconds.isPresent()
        ? OptionalLong.of((long) Math.ceil(seconds.getAsDouble()))
        : OptionalLong.empty();
  }
}
