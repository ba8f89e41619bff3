package io.prunegrid.measure;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.OptionalLong;

/** What a latency is measured with. */
public interface PassClock {
  /** Nanoseconds since some fixed moment. */
  long nanos();

  /**
   * Nanoseconds that the calling thread has spent on a processor; empty where that cannot be told.
   */
  OptionalLong processorNanos();

  /** The machine's own clocks. */
  static PassClock system() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return new PassClock() {
      @Override
      public long nanos() {
        return System.nanoTime();
      }

      @Override
      public OptionalLong processorNanos() {
        return threads.isCurrentThreadCpuTimeSupported()
            ? OptionalLong.of(threads.getCurrentThreadCpuTime())
            : OptionalLong.empty();
      }
    };
  }
}
