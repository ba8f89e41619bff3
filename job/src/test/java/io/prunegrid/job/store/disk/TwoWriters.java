package io.prunegrid.job.store.disk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Two writers on files in memory in every order: runs them again and again, each time in another
 * order of the steps that the other one can tell, and in each order lets one of one writer's steps
 * go wrong. Steps that only their writer can tell (of a file under its hidden name) commute with
 * the other's and need no order, as partial order reduction has it (Godefroid 1996).
 */
public final class TwoWriters implements AutoCloseable {
  /** What goes wrong with one step. */
  public enum Fault {
    NONE,
    FAILS,
    DONE_BUT_REPORTED_FAILED,
    WRITER_DIES,
    POWER_CUT
  }

  /** What became of a writer. */
  public enum End {
    DONE,
    FAILED,
    DEAD
  }

  /** Thrown in place of every step of a dead writer. */
  public static final class Dead extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Dead() {
      super("dead", null, false, false);
    }
  }

  /** A writer's work. */
  @FunctionalInterface
  public interface Work {
    void run(MemoryDisk disk) throws IOException;
  }

  /** One case to run in every order; made anew for each. */
  public interface Case {
    /** What a writer does, 0 or 1. */
    Work work(int writer);

    /** The files that both share. */
    MemoryDisk.Files files();

    /**
     * Looks at what is left.
     *
     * @param ends of both writers
     * @throws AssertionError where it is not as it must be
     */
    void judge(End[] ends, Fault fault) throws IOException;
  }

  /** How many switches from a writer that could go on are tried. */
  public record Switches(int withoutFault, int withFault) {
    /** Every order. */
    public static final Switches ALL = new Switches(Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /** Makes cases. */
  @FunctionalInterface
  public interface Cases {
    Case fresh();
  }

  private static final int NOBODY = -1;

  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          2,
          task -> {
            Thread thread = new Thread(task, "writer");
            thread.setDaemon(true);
            return thread;
          });
  private final Object turn = new Object();
  private final boolean[] waiting = new boolean[2];
  private final boolean[] ended = new boolean[2];
  private final boolean[] dead = new boolean[2];
  private final int[] steps = new int[2];
  private int running = NOBODY;
  private List<Integer> prefix = List.of();
  private List<Integer> choices = new ArrayList<>();
  private Fault fault = Fault.NONE;
  private int faultyWriter;
  private int faultyStep;
  private boolean struck;
  private boolean anyStruck;
  private int mostSwitches;
  private int switches;
  private int last;
  private MemoryDisk.Files files;

  /**
   * Runs the orders without a fault, and then with every fault at every step of either writer.
   *
   * @param most bounds on how often it is the other one's turn although the one before could go on
   *     (Musuvathi and Qadeer 2007)
   * @return how many runs that were
   */
  public long explore(Cases cases, Switches most) throws Exception {
    this.mostSwitches = most.withoutFault();
    long runs = everyOrder(cases, Fault.NONE, 0, 0);
    this.mostSwitches = most.withFault();
    for (Fault each : Fault.values()) {
      for (int writer = 0; each != Fault.NONE && writer < 2; writer++) {
        boolean reached = true;
        for (int step = 0; reached; step++) {
          anyStruck = false;
          runs += everyOrder(cases, each, writer, step);
          reached = anyStruck;
        }
      }
    }
    return runs;
  }

  private long everyOrder(Cases cases, Fault wrong, int writer, int step) throws Exception {
    fault = wrong;
    faultyWriter = writer;
    faultyStep = step;
    prefix = List.of();
    long runs = 0;
    while (true) {
      run(cases.fresh());
      runs++;
      anyStruck |= struck;
      int last = choices.lastIndexOf(0);
      if (last < 0) {
        return runs;
      }
      prefix = new ArrayList<>(choices.subList(0, last));
      prefix.add(1);
    }
  }

  private void run(Case one) throws Exception {
    choices = new ArrayList<>();
    struck = false;
    switches = 0;
    last = 0;
    files = one.files();
    for (int w = 0; w < 2; w++) {
      waiting[w] = false;
      ended[w] = false;
      dead[w] = false;
      steps[w] = 0;
    }
    running = NOBODY;
    End[] ends = new End[2];
    List<Future<?>> both = new ArrayList<>();
    for (int w = 0; w < 2; w++) {
      int writer = w;
      both.add(
          threads.submit(
              () -> {
                ends[writer] = work(one, writer);
                return null;
              }));
    }
    for (Future<?> each : both) {
      each.get();
    }
    try {
      one.judge(ends, fault);
    } catch (AssertionError | IOException | RuntimeException e) {
      throw new AssertionError(
          "in the order "
              + choices
              + " with "
              + fault
              + " at step "
              + faultyStep
              + " of writer "
              + faultyWriter
              + ", which ended "
              + List.of(ends)
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private End work(Case one, int writer) {
    MemoryDisk disk =
        new MemoryDisk(
            one.files(), (step, isSeen) -> pass(writer, isSeen), MemoryDisk.Fencing.SEALED_LOGS);
    try {
      await(writer);
      one.work(writer).run(disk);
      return End.DONE;
    } catch (Dead e) {
      return End.DEAD;
    } catch (IOException | RuntimeException e) {
      return dead[writer] ? End.DEAD : End.FAILED;
    } finally {
      synchronized (turn) {
        ended[writer] = true;
        running = NOBODY;
        choose();
      }
    }
  }

  private boolean pass(int writer, boolean isSeen) throws IOException {
    if (isSeen) {
      await(writer);
    }
    if (dead[writer]) {
      throw new Dead();
    }
    boolean now = writer == faultyWriter && steps[writer]++ == faultyStep && fault != Fault.NONE;
    if (!now) {
      return false;
    }
    struck = true;
    switch (fault) {
      case FAILS -> throw new IOException("failed");
      case WRITER_DIES -> {
        dead[writer] = true;
        throw new Dead();
      }
      case POWER_CUT -> {
        dead[0] = true;
        dead[1] = true;
        files.cutPower();
        throw new Dead();
      }
      default -> {
        return true;
      }
    }
  }

  /** Waits until it is this writer's turn. */
  private void await(int writer) {
    synchronized (turn) {
      waiting[writer] = true;
      if (running == writer) {
        running = NOBODY;
      }
      choose();
      while (running != writer) {
        try {
          turn.wait();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  /** Lets one go on, once both wait or have ended. */
  private void choose() {
    boolean first = waiting[0] && !ended[0];
    boolean second = waiting[1] && !ended[1];
    if (running != NOBODY || !(first || ended[0]) || !(second || ended[1])) {
      return;
    }
    if (!first && !second) {
      return;
    }
    int next = first ? 0 : 1;
    if (first && second) {
      next = last;
      if (switches < mostSwitches) {
        int choice = choices.size() < prefix.size() ? prefix.get(choices.size()) : 0;
        choices.add(choice);
        switches += choice;
        next = choice == 0 ? last : 1 - last;
      }
    }
    last = next;
    waiting[next] = false;
    running = next;
    turn.notifyAll();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
