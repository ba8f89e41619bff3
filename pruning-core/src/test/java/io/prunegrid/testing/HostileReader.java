package io.prunegrid.testing;

import com.sun.management.ThreadMXBean;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.SplitMix64;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What is promised of a reader, whatever it is given: a value or one plain refusal, in seconds, at
 * an expense of memory in proportion to the file. Counts what it was given and what of it loaded.
 */
public final class HostileReader {
  /** Processor time of one file. */
  private static final Duration LONGEST = Duration.ofSeconds(10);

  /** Bytes that may be allocated for a file of any size: a buffer, a parser, a table of names. */
  private static final long FIXED = 4L << 20;

  private static final int FIXED_SEEDS = 600;
  private static final int LONGEST_SEED = 64;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final String name;
  private final long multiple;
  private long files;
  private long loaded;
  private long mostAllocated;
  private long slowest;

  /**
   * @param multiple bytes that may be allocated in all, garbage too, for each byte of a file beside
   *     four megabytes for any
   */
  public HostileReader(String name, long multiple) {
    this.name = name;
    this.multiple = multiple;
  }

  /**
   * Reads a file of so many bytes. One that costs too much is read again before it is blamed: what
   * loading classes takes is paid once, and not by the file.
   */
  public void read(long size, Runnable reader) {
    Cost cost = cost(reader);
    if (exceeds(cost, size)) {
      cost = cost(reader);
    }
    files++;
    loaded += cost.refused() ? 0 : 1;
    mostAllocated = Math.max(mostAllocated, cost.bytes());
    slowest = Math.max(slowest, cost.nanoseconds());
    if (exceeds(cost, size)) {
      throw new AssertionError(name + ": " + cost + " for a file of " + size + " bytes");
    }
  }

  /** What reading a file took of this thread. */
  private record Cost(boolean refused, long bytes, long nanoseconds) {}

  private boolean exceeds(Cost cost, long size) {
    return cost.bytes() > FIXED + multiple * size || cost.nanoseconds() > LONGEST.toNanos();
  }

  private Cost cost(Runnable reader) {
    long allocated = THREADS.getCurrentThreadAllocatedBytes();
    long began = THREADS.getCurrentThreadCpuTime();
    boolean refused = false;
    try {
      reader.run();
    } catch (BadInput refusal) {
      refused = true;
      if (refusal.problems().isEmpty() || refusal.getMessage().isBlank()) {
        throw new AssertionError(name + ": a refusal that says nothing", refusal);
      }
    }
    return new Cost(
        refused,
        THREADS.getCurrentThreadAllocatedBytes() - allocated,
        THREADS.getCurrentThreadCpuTime() - began);
  }

  /** A fixed set of random decisions: what a fuzzer starts from. */
  public static Stream<byte[]> seeds(Class<?> owner, int count) {
    SplitMix64 random = SplitMix64.stream(1, "decisions " + owner.getSimpleName());
    return Stream.generate(() -> seed(random)).limit(count);
  }

  private static byte[] seed(SplitMix64 random) {
    byte[] seed = new byte[random.nextInt(LONGEST_SEED)];
    for (int i = 0; i < seed.length; i++) {
      seed[i] = (byte) random.nextInt(256);
    }
    return seed;
  }

  /** Fixed decisions, and every input that was kept because it broke something. */
  public void readFixed(Consumer<byte[]> target, Class<?> owner) {
    target.accept(new byte[0]);
    seeds(owner, FIXED_SEEDS).forEach(target);
    kept(owner).forEach(target);
  }

  /** Where Jazzer, too, looks for the inputs of a class. */
  private static List<byte[]> kept(Class<?> owner) {
    URL folder = owner.getResource(owner.getSimpleName() + "Inputs");
    if (folder == null) {
      return List.of();
    }
    try (Stream<Path> inputs = Files.walk(Path.of(folder.toURI()))) {
      return inputs.filter(Files::isRegularFile).sorted().map(HostileReader::bytes).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Prints the figures; mutation is worth something where one file in twenty still loads. */
  public void report() {
    System.out.printf(
        Locale.ROOT,
        "%s: %d files read, %d loaded (%.1f %%), at most %d KB allocated and %d ms%n",
        name,
        files,
        loaded,
        100.0 * loaded / Math.max(1, files),
        mostAllocated >> 10,
        slowest / 1_000_000);
    if (loaded * 20 < files) {
      throw new AssertionError(name + ": only " + loaded + " of " + files + " files loaded");
    }
  }
}
