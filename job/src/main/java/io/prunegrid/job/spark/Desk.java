package io.prunegrid.job.spark;

import io.prunegrid.job.schedule.Decision;
import io.prunegrid.job.schedule.Event;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.Failure;
import io.prunegrid.job.store.Publication;
import io.prunegrid.job.store.ResultsFolder;
import io.prunegrid.job.store.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where the driver takes in what executors hand over. It never waits: rows go to the journal, the
 * executor gets a ticket, and when the journal has forced them the run learns of it.
 */
final class Desk implements AutoCloseable {
  private static final Map<String, Desk> OPEN = new ConcurrentHashMap<>();
  private static final int LEAVE = -1;
  private static final double TINY_SECONDS = 0.05;

  private final String run;
  private final List<WorkItem> items;
  private final ResultsFolder results;
  private final Control control;
  private final BlockingQueue<Note> notes;
  private final Set<Long> pending = ConcurrentHashMap.newKeySet();
  private final Map<Long, Map<Integer, Long>> taken = new HashMap<>();
  private final Map<Integer, Failure> failures = new ConcurrentHashMap<>();
  private final Map<String, String> pulses = new ConcurrentHashMap<>();
  private final FailureLogs logs;
  private final AtomicInteger arriving = new AtomicInteger();
  private final AtomicLong tickets = new AtomicLong();
  private volatile Throwable diskError;
  private volatile boolean stopping;
  private long hurried;

  Desk(
      String run,
      List<WorkItem> items,
      ResultsFolder results,
      Control control,
      BlockingQueue<Note> notes) {
    this.run = run;
    this.items = items;
    this.results = results;
    this.control = control;
    this.notes = notes;
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

  /** Lets no further item begin. */
  void stop() {
    stopping = true;
  }

  /** Whether all rows that were handed over are on disk. */
  boolean isQuiet() {
    return arriving.get() == 0 && pending.isEmpty();
  }

  /** Takes what a task told of an item's failure; empty where none did. */
  Optional<Failure> takeFailure(int item) {
    return Optional.ofNullable(failures.remove(item));
  }

  /** Answers an executor. */
  Object receive(Message message) {
    if (message instanceof Message.Ask ask) {
      return orders(ask);
    }
    if (message instanceof Message.Begin begin) {
      return begin(begin);
    }
    if (message instanceof Message.Ended end) {
      return ended(end);
    }
    if (message instanceof Message.Pulse pulse) {
      pulses.computeIfPresent(pulse.key(), (key, before) -> pulse.now());
      return true;
    }
    if (message instanceof Message.Settled asked) {
      return settled(asked);
    }
    throw new IllegalArgumentException("unknown message " + message);
  }

  /** What was last heard of an item that is under way; empty where that is nothing. */
  String lastHeard(String key) {
    return pulses.getOrDefault(key, "");
  }

  /** Keeps a log where no task sent one. */
  void keepLog(String key, String text) {
    logs.write(key, text);
  }

  private Orders orders(Message.Ask ask) {
    if (stopping) {
      return new Orders.Rest();
    }
    Decision.Answer answer = control.asked(ask);
    if (answer instanceof Decision.Give give) {
      return new Orders.Do(give.items(), give.items().stream().map(items::get).toList());
    }
    if (answer instanceof Decision.Wait wait) {
      return new Orders.Wait(wait.millis());
    }
    return new Orders.Rest();
  }

  private int begin(Message.Begin begin) {
    if (stopping) {
      return LEAVE;
    }
    Decision.Answer answer = control.ask(at -> new Event.Began(at, begin.task(), begin.item()));
    if (answer instanceof Decision.Go go) {
      pulses.put(items.get(begin.item()).key(), "");
      return go.attempt();
    }
    return LEAVE;
  }

  private long ended(Message.Ended end) {
    arriving.incrementAndGet();
    try {
      if (end.log() != null) {
        logs.write(items.get(end.item()).key(), end.log());
      }
      end.reason().ifPresent(failure -> failures.put(end.item(), failure));
      List<Decision> decisions = control.tell(at -> event(at, end));
      Map<Integer, Long> ofTask = taken.computeIfAbsent(end.task(), task -> new HashMap<>());
      if (decisions.stream().anyMatch(Decision.Take.class::isInstance)
          || !ofTask.containsKey(end.item())) {
        List<Row> rows = decided(end, decisions);
        ofTask.put(end.item(), take(end.item(), end.seconds(), end.failure(), rows));
      }
      return ofTask.get(end.item());
    } finally {
      arriving.decrementAndGet();
    }
  }

  /** The rows; those of an attempt say what was decided about it. */
  private static List<Row> decided(Message.Ended end, List<Decision> decisions) {
    for (Decision decision : decisions) {
      if (decision instanceof Decision.GiveUp up && up.item() == end.item()) {
        return Attempts.withEnding(end.rows(), Attempts.Ending.of(up.kind()));
      }
      if (decision instanceof Decision.Retry retry && retry.item() == end.item()) {
        return Attempts.withEnding(end.rows(), Attempts.Ending.OPEN);
      }
    }
    return end.rows();
  }

  private static Event event(long at, Message.Ended end) {
    if (end.failure() == null) {
      return new Event.Finished(at, end.task(), end.item(), end.seconds());
    }
    String signature = end.failure().type() + " at " + end.failure().at();
    return new Event.Failed(
        at, end.task(), end.item(), end.failure().kind(), end.seconds(), signature);
  }

  /** Publishes rows about an item; returns the ticket. */
  long take(int item, double seconds, Failure failure, List<Row> rows) {
    pulses.remove(items.get(item).key());
    long ticket = tickets.incrementAndGet();
    pending.add(ticket);
    if (failure == null) {
      notes.add(new Note.HandedOver(item, seconds));
    }
    // tiny items come by the hundred a second and are cheap to do again
    boolean tiny = failure == null && seconds < TINY_SECONDS;
    CompletableFuture<Publication> unused =
        (tiny ? results.publishSoon(rows) : results.publish(rows))
            .whenComplete(
                (publication, error) -> {
                  if (error == null) {
                    notes.add(new Note.Settled(item, seconds, failure));
                  } else {
                    diskError = error;
                    notes.add(new Note.DiskFailed(error));
                  }
                  pending.remove(ticket);
                });
    return ticket;
  }

  private boolean settled(Message.Settled asked) {
    if (diskError != null) {
      throw new IllegalStateException("the driver could not write rows to disk", diskError);
    }
    boolean settled = asked.tickets().stream().noneMatch(pending::contains);
    if (!settled && asked.tickets().stream().anyMatch(ticket -> ticket > hurried)) {
      hurried = tickets.get();
      results.hurry();
    }
    if (settled) {
      taken.remove(asked.task());
      control.ended(asked.task(), "done");
    }
    return settled;
  }

  @Override
  public void close() {
    OPEN.remove(run);
    logs.close();
  }
}
