package io.prunegrid.job.spark;

import io.prunegrid.job.schedule.Decision;
import io.prunegrid.job.schedule.Event;
import io.prunegrid.job.schedule.EventLines;
import io.prunegrid.job.schedule.Policy;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Location;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event log of a run: a file of JSON lines under {@code events} in the results, first the rules
 * and the items, then everything that the scheduler was told and decided. A thread of its own
 * writes it, a second's worth at a time; a log that cannot be written is reported and costs no row.
 */
final class EventLog implements AutoCloseable {
  /** Folder of event logs inside the results. */
  static final String FOLDER = "events";

  private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
  private static final int MOST_WAITING = 10_000;
  private static final int CHUNK_BYTES = 1 << 20;
  private static final long APPEND_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long FORCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final Entry END = new Entry(null, List.of());

  private final BlockingQueue<Entry> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
  private final Location file;
  private final Thread thread;
  private Disk.Appender out;
  private long appended;
  private long forced;

  /** What to write; without an event: the end. */
  private record Entry(Event event, List<Decision> decisions) {}

  private EventLog(Location file, String run, Work work, Policy policy) {
    this.file = file;
    this.thread = new Thread(() -> write(run, work, policy), "event log");
    thread.setDaemon(true);
  }

  /** Begins the log of a run. */
  static EventLog open(Location results, String run, Work work, Policy policy) {
    String name = TIME.format(Instant.now()) + "-" + run.substring(0, 8) + ".jsonl";
    EventLog log = new EventLog(results.resolve(FOLDER).resolve(name), run, work, policy);
    log.thread.start();
    return log;
  }

  /** Takes note; written soon. */
  void record(Event event, List<Decision> decisions) {
    try {
      waiting.put(new Entry(event, List.copyOf(decisions)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write(String run, Work work, Policy policy) {
    try {
      Disk disk = Disk.of(file);
      disk.createFolders(file.parent().orElseThrow());
      out = disk.beginLog(file);
      line("{\"run\":\"" + run + "\",\"items\":" + work.items().size() + "}");
      line(EventLines.line(policy));
      for (int item = 0; item < work.items().size(); item++) {
        WorkItem of = work.items().get(item);
        line(EventLines.line(work.load(), item, of.key(), of.kind(), of.label()));
      }
      writeEntries();
      out.close();
    } catch (IOException | RuntimeException e) {
      LOG.warn("the event log {} cannot be written: {}", file, e + "");
      discard();
    }
  }

  private void writeEntries() throws IOException {
    while (true) {
      Entry entry = next();
      if (entry != null && entry.event() == null) {
        append();
        out.force();
        return;
      }
      if (entry != null) {
        line(EventLines.line(entry.event()));
        for (Decision decision : entry.decisions()) {
          line(EventLines.line(entry.event().at(), decision));
        }
      }
      long now = System.nanoTime();
      if (now - appended > APPEND_NANOS) {
        append();
      }
      if (now - forced > FORCE_NANOS) {
        out.force();
        forced = now;
      }
    }
  }

  /** What to write next; null where there was nothing for a while. */
  private Entry next() {
    try {
      return waiting.poll(APPEND_NANOS, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      // nobody interrupts this thread; it ends with the run
      return END;
    }
  }

  private void line(String text) throws IOException {
    buffer.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    buffer.write('\n');
    if (buffer.size() >= CHUNK_BYTES) {
      append();
    }
  }

  private void append() throws IOException {
    appended = System.nanoTime();
    if (buffer.size() > 0) {
      out.append(ByteBuffer.wrap(buffer.toByteArray()));
      buffer.reset();
    }
  }

  /** Lets nobody wait for a log that is not written. */
  private void discard() {
    while (true) {
      Entry entry = next();
      if (entry != null && entry.event() == null) {
        return;
      }
    }
  }

  /** Writes what is left. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    try {
      waiting.put(END);
      thread.join(TimeUnit.SECONDS.toMillis(30));
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
