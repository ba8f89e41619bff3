package io.prunegrid.job.store;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.FolderLock;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * A results folder open for writing, by one process at a time: rows go to the journal at once and
 * from there, thousands at a time, into immutable Parquet files.
 *
 * <p>The folder holds {@code lock}, {@code journal/NUMBER.journal} and for every table {@code
 * TABLE/part-NUMBER.parquet}. A part has the number of the segment that it was cut from. It is
 * written whole under a hidden name, forced and renamed; a segment goes only when all its parts are
 * there. So after a crash anywhere the part of a segment is there whole or not at all, cutting the
 * segment again makes what is missing, and whoever reads the parts that are there and the segments
 * that have none sees every row once.
 *
 * <p>Opening finishes what a killed run left: its segments are cut, whatever bytes a crash tore off
 * the last one are dropped, for they were never acknowledged.
 */
public final class ResultsFolder implements AutoCloseable {
  static final String JOURNAL = "journal";

  /** How the name of a damaged segment ends that is kept to be looked at. */
  static final String DAMAGED = ".damaged";

  private static final String WHAT = "results folder";

  private final Disk disk;
  private final Location folder;
  private final Map<String, Table> tables = new TreeMap<>();
  private final FolderLock lock;
  private final SegmentCutter segments;
  private final Map<String, Set<String>> keys = new HashMap<>();
  private final Journal journal;
  private final ExecutorService cutter;
  private final List<CompletableFuture<Void>> cuts = new ArrayList<>();
  private final Recovery recovery;
  private boolean closed;

  /**
   * What opening found to finish.
   *
   * @param rows rows of a killed run that were cut into Parquet files
   * @param tornBytes bytes of its last, unacknowledged group that were dropped
   * @param damaged segments that had lost bytes in their middle; they are kept beside the journal
   */
  public record Recovery(long rows, long tornBytes, List<Location> damaged) {}

  private ResultsFolder(
      Disk disk,
      Location folder,
      List<Table> tables,
      FolderLock lock,
      ResultsOptions options,
      Step.Watcher watcher)
      throws IOException {
    this.disk = disk;
    this.folder = folder;
    this.lock = lock;
    for (Table table : tables) {
      if (this.tables.putIfAbsent(table.name(), table) != null) {
        throw new IllegalArgumentException("two tables are named " + table.name());
      }
    }
    this.segments = new SegmentCutter(disk, folder, this.tables.values(), watcher);
    SegmentCutter.Found found = segments.recover(lock);
    this.recovery = found.recovery();
    keys.putAll(found.keys());
    this.cutter =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "journal to parquet");
              thread.setDaemon(true);
              return thread;
            });
    this.journal =
        new Journal(
            disk,
            lock,
            folder.resolve(JOURNAL),
            found.last() + 1,
            tables,
            options,
            watcher,
            this::cutLater);
  }

  /**
   * Opens a folder for writing, makes it where it is missing and finishes what a killed run left.
   *
   * @throws BadInput where it cannot be written, holds files that cannot be read, or another
   *     process writes to it; nothing has been made then
   */
  public static ResultsFolder open(Location folder, List<Table> tables) {
    return open(folder, tables, ResultsOptions.DEFAULT);
  }

  /** As {@link #open(Location, List)}, with files of another size. */
  public static ResultsFolder open(Location folder, List<Table> tables, ResultsOptions options) {
    return open(Disk.of(folder), folder, tables, options, Step.Watcher.installed());
  }

  static ResultsFolder open(
      Disk disk,
      Location folder,
      List<Table> tables,
      ResultsOptions options,
      Step.Watcher watcher) {
    disk.problem(WHAT, folder)
        .ifPresent(
            problem -> {
              throw new BadInput(problem);
            });
    Deque<Location> made = new ArrayDeque<>();
    FolderLock lock = null;
    try {
      made = missing(disk, folder);
      disk.createFolders(folder);
      lock = disk.lock(WHAT, folder);
      return new ResultsFolder(disk, folder, tables, lock, options, watcher);
    } catch (IOException e) {
      release(disk, lock, made);
      throw new BadInput("results folder " + folder + " cannot be written: " + reason(e), e);
    } catch (UncheckedIOException e) {
      release(disk, lock, made);
      throw new BadInput(
          "results folder " + folder + " cannot be written: " + reason(e.getCause()), e);
    } catch (RuntimeException e) {
      release(disk, lock, made);
      throw e;
    }
  }

  /**
   * Why nobody could write to this folder, found without making anything; empty where one could.
   */
  public static Optional<String> problem(Location folder) {
    return Disk.of(folder).problem(WHAT, folder);
  }

  /** The folder itself. */
  public Location location() {
    return folder;
  }

  /** What opening found to finish. */
  public Recovery recovery() {
    return recovery;
  }

  /** The keys of a keyed table that have their row, as of now. */
  public synchronized Set<String> finishedKeys(Table table) {
    return Set.copyOf(keysOf(table.name()));
  }

  /** Whether this key of a keyed table has its row. */
  public synchronized boolean isFinished(Table table, String key) {
    return keysOf(table.name()).contains(key);
  }

  /**
   * Publishes rows that belong together: after a crash either all of them are there or none. A row
   * whose key is taken is dropped, the others stay. Returns at once; rows of one thread keep their
   * order.
   *
   * @return completes when the rows are on disk; exceptionally where the disk failed, and then
   *     nothing is known about them until the folder is opened again
   */
  public CompletableFuture<Publication> publish(List<Row> rows) {
    return publish(rows, journal::append);
  }

  /**
   * As {@link #publish(List)}, but the rows may wait about a second to go to the disk together with
   * others, or until {@link #hurry()}: for rows that come by the hundred a second and are cheap to
   * make again.
   */
  public CompletableFuture<Publication> publishSoon(List<Row> rows) {
    return publish(rows, journal::appendSoon);
  }

  /** Lets nothing that was published wait for company any longer; returns at once. */
  public void hurry() {
    CompletableFuture<Void> unused = journal.barrier();
  }

  private synchronized CompletableFuture<Publication> publish(
      List<Row> rows, Function<List<Row>, CompletableFuture<Void>> append) {
    if (closed) {
      throw new IllegalStateException("results folder " + folder + " is closed");
    }
    List<Row> fresh = new ArrayList<>();
    Publication outcome = Publication.PUBLISHED;
    for (Row row : rows) {
      if (table(row.table()).hasKey() && !keysOf(row.table()).add(row.key())) {
        outcome = Publication.ALREADY_THERE;
      } else {
        fresh.add(row);
      }
    }
    Publication published = outcome;
    CompletableFuture<Void> durable = fresh.isEmpty() ? journal.barrier() : append.apply(fresh);
    return durable.thenApply(done -> published);
  }

  /**
   * Publishes one row and waits until it is on disk.
   *
   * @throws UncheckedIOException where the disk failed; whether the row is there is then unknown
   *     until the folder is opened again
   */
  public Publication publishAndWait(Row row) {
    return Waiting.forDisk(publish(List.of(row)));
  }

  /**
   * Cuts everything published so far into Parquet files and waits for them.
   *
   * @throws UncheckedIOException where the disk failed; the rows are safe in the journal and the
   *     next opening cuts them
   */
  public void cut() {
    Waiting.forDisk(journal.rotate());
    finishCuts();
  }

  /** Everything that has been published and acknowledged, as any reader sees it. */
  public ResultsReader reader() {
    return ResultsReader.open(folder, List.copyOf(tables.values()));
  }

  /**
   * Cuts what is left into Parquet files and lets others write.
   *
   * @throws UncheckedIOException where the disk failed; acknowledged rows are safe in the journal
   *     and the next opening cuts them
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    try {
      journal.close();
      finishCuts();
    } finally {
      cutter.shutdown();
      release(disk, lock, new ArrayDeque<>());
    }
  }

  private void cutLater(int number) {
    CompletableFuture<Void> cut =
        CompletableFuture.runAsync(
            () -> {
              try {
                segments.cut(number);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            cutter);
    synchronized (cuts) {
      cuts.removeIf(earlier -> earlier.isDone() && !earlier.isCompletedExceptionally());
      cuts.add(cut);
    }
  }

  private void finishCuts() {
    List<CompletableFuture<Void>> waiting;
    synchronized (cuts) {
      waiting = List.copyOf(cuts);
    }
    waiting.forEach(Waiting::forDisk);
  }

  private Table table(String name) {
    Table table = tables.get(name);
    if (table == null) {
      throw new IllegalArgumentException("results folder " + folder + " has no table " + name);
    }
    return table;
  }

  private Set<String> keysOf(String table) {
    return keys.get(table(table).name());
  }

  /** The folder and those of its parents that do not exist, the innermost first. */
  private static Deque<Location> missing(Disk disk, Location folder) throws IOException {
    Deque<Location> missing = new ArrayDeque<>();
    for (Optional<Location> at = Optional.of(folder.absolute());
        at.isPresent() && !disk.exists(at.get());
        at = at.get().parent()) {
      missing.addLast(at.get());
    }
    return missing;
  }

  private static void release(Disk disk, FolderLock lock, Deque<Location> made) {
    try {
      if (lock != null) {
        lock.close();
      }
      if (!made.isEmpty()) {
        disk.delete(made.getFirst().resolve("lock"));
      }
      for (Location folder : made) {
        disk.delete(folder);
      }
    } catch (IOException e) {
      // The error that led here is the one to report; a folder that stays is empty and harmless.
    }
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
