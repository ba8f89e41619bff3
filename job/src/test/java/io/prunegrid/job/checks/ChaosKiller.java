package io.prunegrid.job.checks;

import io.prunegrid.job.spark.AttemptWatcher;
import io.prunegrid.job.spark.WorkItem;
import io.prunegrid.job.store.ArtifactStep;
import io.prunegrid.job.store.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Kills its own process with {@code kill -9} when a named step is reached for the N-th time in this
 * process, once for each order. Orders are files in the folder that the system property names: the
 * step's name, and the number inside. Without the property nothing happens.
 */
public final class ChaosKiller {
  /** System property that names the folder of orders. */
  static final String PROPERTY = "prunegrid.test.chaos";

  private static final String DONE = "done-";
  private static final Map<String, Integer> REACHED = new ConcurrentHashMap<>();

  private ChaosKiller() {}

  /** On executors. */
  public static final class OfAttempts implements AttemptWatcher {
    @Override
    public void reached(AttemptWatcher.Step step, WorkItem item) {
      ChaosKiller.reached(step.name());
    }
  }

  /** Where artifacts are made, on executors. */
  public static final class OfArtifacts implements ArtifactStep.Watcher {
    @Override
    public void reached(ArtifactStep step) {
      ChaosKiller.reached(step.name());
    }
  }

  /** In drivers. */
  public static final class OfTheDriver implements Step.Watcher {
    @Override
    public void reached(Step step) {
      ChaosKiller.reached(step.name());
    }
  }

  /** Orders a death. */
  static void order(Path orders, String step, int number) throws IOException {
    Files.writeString(orders.resolve(step), String.valueOf(number));
  }

  /** Whether the order was carried out; takes it back where not. */
  static boolean wasCarriedOut(Path orders, String step) throws IOException {
    Files.deleteIfExists(orders.resolve(step));
    return Files.deleteIfExists(orders.resolve(DONE + step));
  }

  private static void reached(String step) {
    String folder = System.getProperty(PROPERTY);
    if (folder == null) {
      return;
    }
    int times = REACHED.merge(step, 1, Integer::sum);
    Path order = Path.of(folder, step);
    try {
      if (Files.exists(order) && times >= Integer.parseInt(Files.readString(order))) {
        Files.move(order, Path.of(folder, DONE + step), StandardCopyOption.ATOMIC_MOVE);
        String self = String.valueOf(ProcessHandle.current().pid());
        new ProcessBuilder("kill", "-9", self).start();
        // this thread goes no further while the signal is on its way
        Thread.sleep(60_000);
      }
    } catch (NoSuchFileException e) {
      // another process was faster
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
