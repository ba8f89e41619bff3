package io.prunegrid.job.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.job.store.disk.MemoryDisk;
import io.prunegrid.job.store.disk.MemoryDisk.Fencing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.generic.GenericRecord;

/**
 * Two drivers on one results folder: the first one stops at a step, or dies there, or the step
 * fails; the second one takes the folder over, does a number of its own steps, the first one wakes
 * up and goes on for as long as it can, and the second one ends. Whatever the steps, each key has
 * one row, and every row that either was told to be on disk is there.
 */
public final class TwoDrivers {
  /** What happens to the first driver at its step. */
  public enum Trouble {
    SLEEPS,
    DIES,
    FAILS,
    DONE_BUT_REPORTED_FAILED
  }

  private static final Location FOLDER = new Location("/results");
  private static final ResultsOptions SMALL = new ResultsOptions(4, 1 << 20);
  private static final int ROWS = 5;
  private static final long PATIENCE_SECONDS = 20;

  private final MemoryDisk.Files files = new MemoryDisk.Files();
  private final Fencing fencing;
  private final Set<Integer> acknowledged = new TreeSet<>();
  private final AtomicInteger firstSteps = new AtomicInteger();
  private final AtomicInteger secondSteps = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch awake = new CountDownLatch(1);

  private TwoDrivers(Fencing fencing) {
    this.fencing = fencing;
  }

  /**
   * Runs one case.
   *
   * @param step of the first driver, from 0
   * @param second steps of the second driver before a sleeping first one wakes up
   * @throws AssertionError where a row is lost or there twice
   */
  public static Outcome run(Fencing fencing, Trouble trouble, int step, int second)
      throws Exception {
    TwoDrivers drivers = new TwoDrivers(fencing);
    try {
      return drivers.run(trouble, step, second);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "where the first driver "
              + trouble
              + " at its step "
              + step
              + " and the second one has done "
              + second
              + " under "
              + fencing
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /**
   * What happened.
   *
   * @param isFirstThere whether the first driver had so many steps
   * @param isSecondThere whether the second one had
   */
  public record Outcome(boolean isFirstThere, boolean isSecondThere) {}

  private Outcome run(Trouble trouble, int step, int second) throws Exception {
    Thread first = new Thread(() -> drive(new MemoryDisk(files, gate(trouble, step), fencing), 0));
    first.setDaemon(true);
    first.start();
    while (first.isAlive() && !stopped.await(1, TimeUnit.MILLISECONDS)) {}
    boolean reached = firstSteps.get() > step;
    if (trouble != Trouble.SLEEPS) {
      first.join();
    }
    AtomicInteger mine = secondSteps;
    MemoryDisk.Gate wakes =
        (name, isSeen) -> {
          if (mine.getAndIncrement() == second) {
            wake(first);
          }
          return false;
        };
    drive(new MemoryDisk(files, wakes, fencing), ROWS / 2);
    wake(first);
    boolean secondReached = mine.get() > second;
    judge();
    return new Outcome(reached, secondReached);
  }

  /** Lets a sleeping first driver go on to its end, which comes soon once it sees the second. */
  private void wake(Thread first) {
    awake.countDown();
    try {
      first.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(first.isAlive()).as("the first driver has not ended").isFalse();
  }

  private MemoryDisk.Gate gate(Trouble trouble, int at) {
    return (name, isSeen) -> {
      int step = firstSteps.getAndIncrement();
      if (step < at) {
        return false;
      }
      if (step > at && trouble != Trouble.SLEEPS && trouble != Trouble.DIES) {
        return false;
      }
      stopped.countDown();
      return switch (trouble) {
        case SLEEPS -> sleep();
        case DIES -> throw new IllegalStateException("dead");
        case FAILS -> throw new IOException("failed");
        case DONE_BUT_REPORTED_FAILED -> true;
      };
    };
  }

  private boolean sleep() {
    try {
      awake.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return false;
  }

  /** Publishes rows, the second driver from another one on, so that some are published by both. */
  private void drive(MemoryDisk disk, int from) {
    try (ResultsFolder results =
        ResultsFolder.open(disk, FOLDER, Cells.TABLES, SMALL, step -> {})) {
      for (int i = from; i < from + ROWS; i++) {
        if (!results.isFinished(Cells.TABLE, Cells.key(i))) {
          CompletableFuture<Publication> done =
              results.publish(List.of(Cells.row(i), PublishingChild.attempt(i)));
          done.join();
        }
        synchronized (acknowledged) {
          acknowledged.add(i);
        }
      }
    } catch (CompletionException | IllegalStateException | UncheckedIOException | BadInput e) {
      failed.incrementAndGet();
    }
  }

  private void judge() throws IOException {
    MemoryDisk quiet = new MemoryDisk(files, (name, isSeen) -> false, fencing);
    // One that sleeps before it takes the lock takes it from the other.
    assertThat(failed.get()).as("drivers that fail").isLessThan(2);
    ResultsReader reader = ResultsReader.open(quiet, FOLDER, Cells.TABLES);
    List<GenericRecord> rows = reader.rows(Cells.TABLE);
    List<Integer> numbers = new ArrayList<>();
    rows.forEach(row -> numbers.add((Integer) row.get("number")));
    assertThat(numbers).doesNotHaveDuplicates().containsAll(acknowledged);
    rows.forEach(row -> assertThat(row).isEqualTo(Cells.values((Integer) row.get("number"))));
    assertThat(reader.rows(Attempts.TABLE)).as("a row and its attempt").hasSameSizeAs(rows);
    try (ResultsFolder next = ResultsFolder.open(quiet, FOLDER, Cells.TABLES, SMALL, step -> {})) {
      assertThat(next.finishedKeys(Cells.TABLE)).hasSameSizeAs(rows);
    }
    assertThat(ResultsReader.open(quiet, FOLDER, Cells.TABLES).rows(Cells.TABLE))
        .hasSameSizeAs(rows);
  }
}
