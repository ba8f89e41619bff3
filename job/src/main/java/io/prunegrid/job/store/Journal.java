package io.prunegrid.job.store;

import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.FolderLock;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/**
 * The driver's append-only journal. Frames from any thread go into one queue; one thread writes all
 * that wait, forces the file once and only then acknowledges them, so that while one group is being
 * forced the next one gathers. Frames that need no haste wait up to a second for company, or until
 * anything that needs haste comes behind them. A segment is begun by its first frame and closed
 * when it is full or when asked; a closed segment never changes.
 *
 * <p>After a failed write or force nothing is known about the bytes that were on their way, so the
 * journal takes no more: everything that waits fails with the first error. What had been
 * acknowledged stays.
 */
final class Journal implements AutoCloseable {
  private static final int GROUP = 4096;
  private static final int GROUP_BYTES = 4 << 20;
  private static final long SOON_NANOS = 1_000_000_000;

  /** A frame's payload, or without one a wish: rotate, or only be told when all before is safe. */
  private record Entry(ByteBuffer payload, int rows, Kind kind, CompletableFuture<Void> done) {}

  private enum Kind {
    FRAME,
    UNHURRIED_FRAME,
    BARRIER,
    ROTATE,
    STOP
  }

  private final Disk disk;
  private final FolderLock lock;
  private final Location folder;
  private final List<Table> tables;
  private final ResultsOptions options;
  private final Step.Watcher watcher;
  private final IntConsumer closedSegment;
  private final BlockingQueue<Entry> queue = new LinkedBlockingQueue<>();
  private final List<ByteBuffer> unwritten = new ArrayList<>();
  private final Thread writer;

  private int next;
  private Disk.Appender log;
  private byte[] marker;
  private int rows;
  private long bytes;
  private int unwrittenBytes;
  private volatile Throwable broken;

  /**
   * @param lock of the results folder, looked after when a segment is begun and, where the file
   *     system wants it, before anything is acknowledged
   * @param next number of the next segment
   * @param closedSegment told, on the journal's thread, of each segment that is closed
   */
  Journal(
      Disk disk,
      FolderLock lock,
      Location folder,
      int next,
      List<Table> tables,
      ResultsOptions options,
      Step.Watcher watcher,
      IntConsumer closedSegment) {
    this.disk = disk;
    this.lock = lock;
    this.folder = folder;
    this.next = next;
    this.tables = tables;
    this.options = options;
    this.watcher = watcher;
    this.closedSegment = closedSegment;
    this.writer = new Thread(this::write, "journal");
    writer.setDaemon(true);
    writer.start();
  }

  /** Completes once the rows are on disk. */
  CompletableFuture<Void> append(List<Row> rows) {
    return enqueue(
        new Entry(
            Segment.payload(tables, rows), rows.size(), Kind.FRAME, new CompletableFuture<>()));
  }

  /** Completes within about a second, once the rows are on disk together with others. */
  CompletableFuture<Void> appendSoon(List<Row> rows) {
    return enqueue(
        new Entry(
            Segment.payload(tables, rows),
            rows.size(),
            Kind.UNHURRIED_FRAME,
            new CompletableFuture<>()));
  }

  /** Completes once everything appended before is on disk. */
  CompletableFuture<Void> barrier() {
    return enqueue(new Entry(null, 0, Kind.BARRIER, new CompletableFuture<>()));
  }

  /** Closes the current segment, if any; completes once everything before is on disk. */
  CompletableFuture<Void> rotate() {
    return enqueue(new Entry(null, 0, Kind.ROTATE, new CompletableFuture<>()));
  }

  private CompletableFuture<Void> enqueue(Entry entry) {
    queue.add(entry);
    if (broken != null) {
      failAllWaiting();
    }
    return entry.done();
  }

  private void write() {
    List<Entry> group = new ArrayList<>();
    boolean stopped = false;
    while (!stopped) {
      group.clear();
      try {
        gather(group);
        stopped = group.stream().anyMatch(entry -> entry.kind() == Kind.STOP);
        writeGroup(group);
      } catch (IOException | RuntimeException | Error | InterruptedException e) {
        broken = reason(e);
        group.forEach(entry -> entry.done().completeExceptionally(broken));
        failAllWaiting();
        return;
      }
    }
  }

  /** Takes what waits; while nothing of it needs haste, what else comes within a second too. */
  private void gather(List<Entry> group) throws InterruptedException {
    group.add(queue.take());
    long until = System.nanoTime() + SOON_NANOS;
    int looked = 0;
    while (group.size() < GROUP) {
      queue.drainTo(group, GROUP - group.size());
      while (looked < group.size()) {
        if (group.get(looked++).kind() != Kind.UNHURRIED_FRAME) {
          return;
        }
      }
      Entry next = queue.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (next == null) {
        return;
      }
      group.add(next);
    }
  }

  private void writeGroup(List<Entry> group) throws IOException {
    List<Entry> unforced = new ArrayList<>();
    for (Entry entry : group) {
      switch (entry.kind()) {
        case FRAME, UNHURRIED_FRAME -> {
          appendFrame(entry);
          unforced.add(entry);
          if (rows >= options.rowsPerFile() || bytes >= options.bytesPerSegment()) {
            acknowledge(unforced);
            closeSegment();
          }
        }
        case BARRIER -> unforced.add(entry);
        case ROTATE, STOP -> {
          unforced.add(entry);
          force();
          closeSegment();
        }
      }
    }
    acknowledge(unforced);
  }

  private void appendFrame(Entry entry) throws IOException {
    if (log == null) {
      beginSegment();
    }
    ByteBuffer frame = Segment.frame(marker, entry.payload());
    bytes += frame.remaining();
    rows += entry.rows();
    unwritten.add(frame);
    unwrittenBytes += frame.remaining();
    if (unwrittenBytes >= GROUP_BYTES) {
      writeFrames();
    }
  }

  private void writeFrames() throws IOException {
    if (!unwritten.isEmpty()) {
      ByteBuffer frames = ByteBuffer.allocate(unwrittenBytes);
      unwritten.forEach(frames::put);
      unwritten.clear();
      unwrittenBytes = 0;
      log.append(frames.flip());
    }
  }

  private void beginSegment() throws IOException {
    marker = new byte[Segment.MARKER_BYTES];
    new SecureRandom().nextBytes(marker);
    while (log == null) {
      try {
        log = disk.beginLog(Segments.segment(folder, next));
      } catch (FileAlreadyExistsException e) {
        // Begun by a writer that has lost the lock; the number is spent.
        lock.check();
        next++;
      }
    }
    lock.check();
    log.append(ByteBuffer.wrap(Segment.header(tables, marker)));
  }

  private void acknowledge(List<Entry> entries) throws IOException {
    force();
    entries.forEach(entry -> entry.done().complete(null));
    entries.clear();
  }

  private void force() throws IOException {
    if (log != null) {
      writeFrames();
      watcher.reached(Step.FRAMES_WRITTEN);
      log.force();
      if (lock.isCheckedAtEveryForce()) {
        lock.check();
      }
      watcher.reached(Step.FRAMES_FORCED);
    }
  }

  private void closeSegment() throws IOException {
    if (log == null) {
      return;
    }
    writeFrames();
    log.close();
    log = null;
    rows = 0;
    bytes = 0;
    watcher.reached(Step.SEGMENT_CLOSED);
    closedSegment.accept(next);
    next++;
  }

  /** What stopped the journal: that the lock is lost, where it is, says more than the disk. */
  private Throwable reason(Throwable error) {
    try {
      lock.check();
    } catch (IOException lost) {
      if (lost != error) {
        lost.addSuppressed(error);
      }
      return lost;
    } catch (RuntimeException e) {
      error.addSuppressed(e);
    }
    return error;
  }

  private void failAllWaiting() {
    for (Entry entry = queue.poll(); entry != null; entry = queue.poll()) {
      entry.done().completeExceptionally(broken);
    }
  }

  /** Writes what waits, closes the current segment and ends the journal's thread. */
  @Override
  public void close() {
    CompletableFuture<Void> stopped =
        enqueue(new Entry(null, 0, Kind.STOP, new CompletableFuture<>()));
    try {
      Waiting.forDisk(stopped);
    } finally {
      closeQuietly();
    }
  }

  private void closeQuietly() {
    try {
      writer.join();
      if (log != null) {
        log.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
