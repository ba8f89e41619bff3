package io.prunegrid.job.checks;

import io.prunegrid.common.SplitMix64;
import java.io.IOException;

/** Keeps a processor and its caches busy, on and off, until its standard input ends. */
final class LoadingChild {
  private static final int NUMBERS = 1 << 21;
  private static final int STRIDE = 4099;

  private LoadingChild() {}

  /** The argument is how many threads do so. */
  public static void main(String[] arguments) throws IOException {
    for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
      int number = i;
      Thread thread = new Thread(() -> load(number));
      thread.setDaemon(true);
      thread.start();
    }
    while (System.in.read() >= 0) {}
  }

  /** Busy for 50 to 750 milliseconds, idle for a third of that, and so on. */
  private static void load(int number) {
    double[] values = new double[NUMBERS];
    SplitMix64 random = new SplitMix64(number);
    try {
      while (!Double.isNaN(values[0])) {
        long millis = 50L + random.nextInt(700);
        long end = System.nanoTime() + millis * 1_000_000;
        int at = 0;
        while (System.nanoTime() < end) {
          for (int i = 0; i < 1000; i++) {
            at = (at + STRIDE) % NUMBERS;
            values[at] = values[at] * 0.999 + 1;
          }
        }
        Thread.sleep(millis / 3);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
