package io.prunegrid.job.spark;

import io.prunegrid.job.store.Failure;
import io.prunegrid.job.store.Publication;
import io.prunegrid.job.store.ResultsFolder;
import io.prunegrid.job.store.Row;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where the driver takes in what executors hand over. It never waits: rows go to the journal, the
 * executor gets a ticket, and when the journal has forced them the run learns of it.
 */
final class Desk implements AutoCloseable {
  private static final Map<String, Desk> OPEN = new ConcurrentHashMap<>();

  /** What the run learns. */
  sealed interface Event {
    /** An item began; number counts its attempts from 0. */
    record Began(String key, String place) implements Event {}

    /** An item's rows are on disk; failure is null where it finished. */
    record Settled(String key, double seconds, Failure failure) implements Event {}

    /** The journal failed, or a Spark job; null: a job ended well. */
    record Stopped(String job, Throwable error) implements Event {}
  }

  private final String run = UUID.randomUUID().toString();
  private final ResultsFolder results;
  private final BlockingQueue<Event> events;
  private final Map<String, Integer> attempts = new ConcurrentHashMap<>();
  private final Map<String, Boolean> ended = new ConcurrentHashMap<>();
  private final Set<Long> pending = ConcurrentHashMap.newKeySet();
  private final Map<String, String> pulses = new ConcurrentHashMap<>();
  private final FailureLogs logs;
  private final AtomicLong tickets = new AtomicLong();
  private volatile Throwable diskError;
  private volatile boolean stopping;

  Desk(ResultsFolder results, BlockingQueue<Event> events) {
    this.results = results;
    this.events = events;
    this.logs = new FailureLogs(results.location());
    OPEN.put(run, this);
  }

  static Desk of(String run) {
    Desk desk = OPEN.get(run);
    if (desk == null) {
      throw new IllegalStateException("the run of this task is over");
    }
    return desk;
  }

  String run() {
    return run;
  }

  /** Lets no further item begin. */
  void stop() {
    stopping = true;
  }

  /** Answers an executor. */
  Object receive(Message message) {
    if (message instanceof Message.Begin begin) {
      return begin(begin);
    }
    if (message instanceof Message.Ended end) {
      if (end.log() != null) {
        logs.write(end.key(), end.log());
      }
      return take(end.key(), end.seconds(), end.failure(), end.rows());
    }
    if (message instanceof Message.Pulse pulse) {
      pulses.computeIfPresent(pulse.key(), (key, before) -> pulse.now());
      return true;
    }
    if (message instanceof Message.Settled asked) {
      return settled(asked.tickets());
    }
    throw new IllegalArgumentException("unknown message " + message);
  }

  /** What was last heard of an item that is under way; empty where that is nothing. */
  String lastHeard(String key) {
    return pulses.getOrDefault(key, "");
  }

  /** Publishes the rows of an item that has ended; returns the ticket. */
  long take(String key, double seconds, Failure failure, List<Row> rows) {
    ended.put(key, failure == null);
    pulses.remove(key);
    long ticket = tickets.incrementAndGet();
    pending.add(ticket);
    CompletableFuture<Publication> unused =
        results
            .publish(rows)
            .whenComplete(
                (publication, error) -> {
                  if (error == null) {
                    events.add(new Event.Settled(key, seconds, failure));
                  } else {
                    diskError = error;
                    events.add(new Event.Stopped("", error));
                  }
                  pending.remove(ticket);
                });
    return ticket;
  }

  private int begin(Message.Begin begin) {
    if (stopping || ended.containsKey(begin.key())) {
      return -1;
    }
    int number = attempts.merge(begin.key(), 1, Integer::sum) - 1;
    pulses.put(begin.key(), "");
    events.add(new Event.Began(begin.key(), begin.place()));
    return number;
  }

  private boolean settled(List<Long> asked) {
    if (diskError != null) {
      throw new IllegalStateException("the driver could not write rows to disk", diskError);
    }
    return asked.stream().noneMatch(pending::contains);
  }

  @Override
  public void close() {
    OPEN.remove(run);
    logs.close();
  }
}
