package io.prunegrid.job.spark;

import io.prunegrid.job.schedule.Decision;
import io.prunegrid.job.schedule.Event;
import io.prunegrid.job.schedule.Scheduler;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.function.LongFunction;

/**
 * A run's scheduler behind a lock: tells it what Spark's threads notice, answers tasks at once, and
 * leaves everything else that was decided to the run's own thread.
 */
final class Control {
  private final Scheduler scheduler;
  private final Recorder recorder;
  private final BlockingQueue<Note> notes;
  private final Map<Long, String> places = new HashMap<>();
  private final long startMillis = System.currentTimeMillis();
  private final long startNanos = System.nanoTime();

  /** Told of every event and what was decided about it, in order. */
  @FunctionalInterface
  interface Recorder {
    void record(Event event, List<Decision> decisions);
  }

  Control(Scheduler scheduler, Recorder recorder, BlockingQueue<Note> notes) {
    this.scheduler = scheduler;
    this.recorder = recorder;
    this.notes = notes;
  }

  /** Tells of a question; returns the answer. */
  synchronized Decision.Answer ask(LongFunction<Event> question) {
    Decision.Answer answer = null;
    for (Decision decision : tell(question)) {
      if (decision instanceof Decision.Answer found) {
        answer = found;
      }
    }
    if (answer == null) {
      throw new IllegalStateException("the scheduler left a question without an answer");
    }
    return answer;
  }

  /** Tells of an event; the time is put in here, so that time never runs backwards. */
  synchronized List<Decision> tell(LongFunction<Event> happened) {
    Event event = happened.apply(startMillis + (System.nanoTime() - startNanos) / 1_000_000);
    List<Decision> decisions = scheduler.on(event);
    // a tick that decides nothing changes nothing
    if (!(event instanceof Event.Tick && decisions.isEmpty())) {
      recorder.record(event, decisions);
    }
    for (Decision decision : decisions) {
      if (decision instanceof Decision.Go go) {
        notes.add(new Note.Began(go.item(), go.attempt(), places.getOrDefault(go.task(), "?")));
      } else if (!(decision instanceof Decision.Answer)) {
        notes.add(new Note.Decided(decision));
      }
    }
    return decisions;
  }

  /** Answers a task that asks for work. */
  synchronized Decision.Answer asked(Message.Ask message) {
    places.put(message.task(), message.place());
    Decision.Answer answer =
        ask(at -> new Event.Asked(at, message.task(), message.ticket(), message.executor()));
    if (answer instanceof Decision.Dismiss) {
      places.remove(message.task());
    }
    return answer;
  }

  /** A task is over. Tasks that never asked, of other runs too, are nothing to us. */
  synchronized void ended(long task, String reason) {
    if (places.remove(task) != null) {
      tell(at -> new Event.Ended(at, task, reason));
    }
  }

  /** An executor is gone, with the tasks that ran there. */
  synchronized void lost(String executor, Event.Blame blame, String reason) {
    tell(at -> new Event.Lost(at, executor, blame, reason));
  }

  synchronized boolean isDone() {
    return scheduler.isDone();
  }
}
