package io.prunegrid.job.schedule;

import java.util.Locale;

/** Whose fault a failed attempt is, and so what follows from it. */
public enum FailureKind {
  /** The item threw an error of its own: trying again would fail again. */
  CELL(Fault.ITEM),
  /** A loss or a score became NaN or infinite. */
  NOT_A_NUMBER(Fault.ITEM),
  /** It ran longer than it may. */
  TIME_LIMIT(Fault.ITEM),
  /**
   * The heap, native memory or a device's memory was not enough. Where neighbours in the same
   * process may have used it up, the item is tried once more, alone.
   */
  MEMORY(Fault.ITEM),
  /**
   * The process that it ran in was lost with it. Every item under way there is a suspect; one that
   * loses its process again, alone, is at fault. A process that a signal ended is seldom an item's
   * doing, so that two more losses are forgiven then.
   */
  EXECUTOR_LOST(Fault.UNKNOWN),
  /** The device did not compute a known answer, or is not there: the executor's fault. */
  DEVICE(Fault.GRID),
  /** Disks, networks, Spark: tried again a few times, later each time. */
  INFRASTRUCTURE(Fault.GRID),
  /** Something that it needs failed, so it was not tried. */
  BLOCKED(Fault.UNKNOWN);

  private enum Fault {
    ITEM,
    GRID,
    UNKNOWN
  }

  private final Fault fault;

  FailureKind(Fault fault) {
    this.fault = fault;
  }

  /**
   * Whether the item itself is at fault. It is not tried again in the same run, and a later run
   * leaves it alone until it is asked for by name.
   */
  public boolean isOfTheItem() {
    return fault == Fault.ITEM;
  }

  /** Whether the grid is at fault and the item is innocent: it is tried again, with a limit. */
  public boolean isOfTheGrid() {
    return fault == Fault.GRID;
  }

  /** How tables and logs write it: lower case, words joined by an underscore. */
  public String column() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The kind that {@link #column()} wrote.
   *
   * @throws IllegalArgumentException where no kind is written so
   */
  public static FailureKind ofColumn(String column) {
    return valueOf(column.toUpperCase(Locale.ROOT));
  }
}
