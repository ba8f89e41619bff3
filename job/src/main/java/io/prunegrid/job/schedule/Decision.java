package io.prunegrid.job.schedule;

import java.util.List;

/** What to do about what happened. */
public sealed interface Decision {

  /** What the task that asked is told; every question gets exactly one answer. */
  sealed interface Answer extends Decision {
    /** The task that asked. */
    long task();
  }

  /**
   * Start so many tasks; each asks for its work when it has a slot, so nothing is bound to a place
   * before there is one.
   *
   * @param firstTicket the tasks' tickets are this one and those that follow it
   */
  record Submit(int firstTicket, int tasks) implements Decision {}

  /** To {@link Event.Asked}: do these items in this order, asking before each. */
  record Give(long task, List<Integer> items, Company company) implements Answer {
    public Give {
      items = List.copyOf(items);
    }
  }

  /** To {@link Event.Asked}: there is nothing for this task; it ends. */
  record Dismiss(long task) implements Answer {}

  /** To {@link Event.Asked} or {@link Event.Began}: keep the slot and ask again after a while. */
  record Wait(long task, long millis) implements Answer {}

  /**
   * To {@link Event.Began}: do it.
   *
   * @param attempt 0 for the first time in this run
   */
  record Go(long task, int item, int attempt) implements Answer {}

  /** To {@link Event.Began}: leave this item and go on with the next; somebody else has it. */
  record Leave(long task, int item) implements Answer {}

  /** To {@link Event.Finished} or {@link Event.Failed}: keep the rows. */
  record Take(long task, int item) implements Answer {}

  /** To {@link Event.Finished} or {@link Event.Failed}: told before; its rows are with us. */
  record Drop(long task, int item) implements Answer {}

  /** End this task now, because of the item that it is doing. */
  record Kill(long task, int item, FailureKind kind, String reason) implements Decision {}

  /**
   * An attempt failed and the item will be tried again.
   *
   * @param attempt the attempt where nobody told of its end, so that the driver writes it down; -1
   *     where the task told of it itself
   * @param notBefore when it may begin again, on the clock of the events
   */
  record Retry(int item, int attempt, FailureKind kind, String reason, long notBefore)
      implements Decision {}

  /**
   * The item failed and will not be tried again in this run.
   *
   * @param attempt the attempt where nobody told of its end, so that the driver writes it down; -1
   *     where the task told of it itself
   */
  record GiveUp(int item, int attempt, FailureKind kind, String reason) implements Decision {}

  /** Items that need, directly or not, an item that was given up: they are not tried. */
  record Block(int because, List<Integer> items) implements Decision {
    public Block {
      items = List.copyOf(items);
    }
  }

  /** A host gets no work any more. */
  record Exclude(String host, String reason) implements Decision {}

  /** An executor gets no work any more. */
  record Refuse(String executor, String reason) implements Decision {}

  /** The task does not end although it was killed; its slot is lost and nobody waits for it. */
  record Abandon(long task, int item) implements Decision {}

  /** End the run now: nothing more is begun and what is under way is cancelled. */
  record Stop(String reason) implements Decision {}

  /** Who else may work on the executor meanwhile. */
  enum Company {
    ANY,
    /** Nobody: the items are suspects, and what is lost with them must be their own doing. */
    NONE
  }
}
