package io.prunegrid.job.checks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.prunegrid.job.spark.AttemptWatcher;
import io.prunegrid.job.spark.WorkItem;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes cells poisonous by the name of their grid. Executors find it where its name stands in a
 * service file on their class path, which only {@link PoisonCheck} puts there.
 */
public final class PoisonWatcher implements AttemptWatcher {
  private static final int CHUNK = 16 << 20;

  @Override
  public void reached(Step step, WorkItem item) throws IOException, InterruptedException {
    if (step != Step.BEGUN || !item.kind().equals("cell")) {
      return;
    }
    switch (item.label().split(":", 2)[0]) {
      case "throws" -> throw new IllegalStateException("poison: this cell throws");
      case "halts" -> Runtime.getRuntime().halt(9);
      case "hangs" -> hangInNativeCode();
      case "heap" -> allocateHeap();
      case "native" -> allocateNativeMemory();
      case "stack" -> recurse(0);
      default -> {}
    }
  }

  /**
   * Opening a pipe that nobody writes to waits inside the operating system; no interrupt ends it.
   */
  private static void hangInNativeCode() throws IOException, InterruptedException {
    Path pipe = Files.createTempDirectory("poison").resolve("pipe");
    new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
    try (InputStream in = new FileInputStream(pipe.toFile())) {
      throw new IllegalStateException("somebody wrote to the pipe: " + in.read());
    }
  }

  private static void allocateHeap() {
    Object[] all = null;
    while (true) {
      all = new Object[] {all, new byte[CHUNK]};
    }
  }

  private static void allocateNativeMemory() {
    try (NDManager manager = NDManager.newBaseManager()) {
      while (true) {
        // the manager holds on to it; nobody writes there, so the machine's memory is not used up
        NDArray unused = manager.create(new Shape(CHUNK));
      }
    }
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int recurse(int depth) {
    return recurse(depth + 1) + 1;
  }
}
