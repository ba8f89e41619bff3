package io.prunegrid.job.store.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that one process has for as long as it gives signs of life. Files with numbers stand
 * for it; the highest is the holder's, who writes a new heartbeat into it every few seconds.
 * Whoever wants the lease looks at that file for as long as a lease lasts. It changes: the holder
 * lives. It stays as it is, by the onlooker's own watch and without comparing clocks: the holder is
 * gone, and the next number is published where it is absent, which one process alone is told that
 * it did.
 *
 * <p>A holder that was only slow finds the higher number when it looks (Gray and Cheriton 1989,
 * "Leases"; the number is what is elsewhere called a fencing token).
 */
public final class Lease {
  /** System property: seconds that a lease lasts without a heartbeat. */
  public static final String SECONDS = "prunegrid.lease.seconds";

  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
  private static final int STANDARD_SECONDS = 20;
  private static final int BEATS_A_LEASE = 8;
  private static final String RELEASED = "released";
  private static final ScheduledExecutorService BEATS =
      Executors.newScheduledThreadPool(
          2,
          task -> {
            Thread thread = new Thread(task, "heartbeats");
            thread.setDaemon(true);
            return thread;
          });

  private final Disk disk;
  private final Location folder;
  private final String prefix;
  private final int number;
  private final String token;
  private final ScheduledFuture<?> beats;
  private long beat;
  private boolean ended;

  private Lease(
      Disk disk, Location folder, String prefix, int number, String token, Duration lease) {
    this.disk = disk;
    this.folder = folder;
    this.prefix = prefix;
    this.number = number;
    this.token = token;
    long millis = pause(lease).toMillis();
    this.beats = BEATS.scheduleWithFixedDelay(this::beat, millis, millis, TimeUnit.MILLISECONDS);
  }

  /** How long a lease lasts without a heartbeat. */
  static Duration standard() {
    return Duration.ofSeconds(Integer.getInteger(SECONDS, STANDARD_SECONDS));
  }

  private static Duration pause(Duration lease) {
    return lease.dividedBy(BEATS_A_LEASE);
  }

  /** Looks at a lease that somebody else may have, until it can be taken. */
  public static final class Onlooker {
    private final Disk disk;
    private final Location folder;
    private final String prefix;
    private final Duration lease;
    private int number;
    private byte[] seen = new byte[0];
    private long since;
    private boolean alive;

    /**
     * @param folder where the lease's files are
     * @param prefix what their names begin with
     */
    public Onlooker(Disk disk, Location folder, String prefix) {
      this(disk, folder, prefix, standard());
    }

    Onlooker(Disk disk, Location folder, String prefix, Duration lease) {
      this.disk = disk;
      this.folder = folder;
      this.prefix = prefix;
      this.lease = lease;
    }

    /** Looks once, and takes the lease where nobody has it; empty where somebody may have it. */
    public Optional<Lease> tryToTake() throws IOException {
      int last = last(disk, folder, prefix).orElse(0);
      Optional<byte[]> now = last == 0 ? Optional.empty() : disk.read(file(folder, prefix, last));
      if (now.isPresent() && !isFree(last, now.get())) {
        return Optional.empty();
      }
      String token = UUID.randomUUID().toString();
      byte[] mine = text(Holder.me(), token, 0);
      if (!claim(disk, file(folder, prefix, last + 1), mine)) {
        return Optional.empty();
      }
      removeUpTo(disk, folder, prefix, last);
      return Optional.of(new Lease(disk, folder, prefix, last + 1, token, lease));
    }

    private boolean isFree(int last, byte[] now) {
      if (isReleased(now) || Lease.holder(now).isDeadForSure()) {
        return true;
      }
      if (last == number && Arrays.equals(now, seen)) {
        return System.nanoTime() - since >= lease.toNanos();
      }
      alive |= number != 0;
      number = last;
      seen = now;
      since = System.nanoTime();
      return false;
    }

    /** Whether a sign of life has been seen since the first look. */
    public boolean isHeldByTheLiving() {
      return alive;
    }

    /** Who had it at the last look, for people. */
    public String holder() {
      return Lease.holder(seen).text();
    }
  }

  /** Publishing may fail although it was done: what is there then tells. */
  private static boolean claim(Disk disk, Location file, byte[] mine) throws IOException {
    try {
      return disk.publish(file, mine);
    } catch (IOException e) {
      Optional<byte[]> there = disk.read(file);
      if (there.isPresent()) {
        return Arrays.equals(there.get(), mine);
      }
      throw e;
    }
  }

  private synchronized void beat() {
    if (ended) {
      return;
    }
    try {
      if (isLost()) {
        ended = true;
        beats.cancel(false);
      } else {
        beat++;
        disk.replace(file(folder, prefix, number), text(Holder.me(), token, beat));
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("the heartbeat in {} failed: {}", folder, e.toString());
    }
  }

  /** Whether another process has it now, or nobody. */
  public boolean isLost() throws IOException {
    return last(disk, folder, prefix).orElse(0) != number;
  }

  /** Who has it now, for people. */
  public String successor() {
    try {
      int last = last(disk, folder, prefix).orElse(0);
      return disk.read(file(folder, prefix, last)).map(found -> holder(found).text()).orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  /** Gives it back and keeps its number, so that numbers never return. */
  public void release() throws IOException {
    if (end()) {
      disk.replace(
          file(folder, prefix, number), (RELEASED + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Gives it back and leaves nothing. */
  public void remove() throws IOException {
    if (end()) {
      removeUpTo(disk, folder, prefix, number);
    }
  }

  private synchronized boolean end() throws IOException {
    beats.cancel(false);
    boolean held = !ended && !isLost();
    ended = true;
    return held;
  }

  private static void removeUpTo(Disk disk, Location folder, String prefix, int number)
      throws IOException {
    for (Disk.Entry entry : disk.list(folder)) {
      int found = number(entry.name(), prefix);
      if (found > 0 && found <= number) {
        disk.delete(folder.resolve(entry.name()));
      }
    }
  }

  private static OptionalInt last(Disk disk, Location folder, String prefix) throws IOException {
    return disk.list(folder).stream()
        .mapToInt(entry -> number(entry.name(), prefix))
        .filter(number -> number > 0)
        .max();
  }

  private static int number(String name, String prefix) {
    return name.startsWith(prefix) && name.substring(prefix.length()).matches("\\d{9}")
        ? Integer.parseInt(name.substring(prefix.length()))
        : 0;
  }

  private static Location file(Location folder, String prefix, int number) {
    return folder.resolve(prefix + String.format(Locale.ROOT, "%09d", number));
  }

  private static byte[] text(Holder holder, String token, long beat) {
    return String.join(
            "\n",
            holder.text(),
            holder.machine(),
            holder.process() + " " + holder.started(),
            token,
            "beat " + beat,
            "")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Whether a lease's file was left by a process that is known to be gone, or given back. */
  public static boolean isOver(byte[] file) {
    return isReleased(file) || holder(file).isDeadForSure();
  }

  private static boolean isReleased(byte[] file) {
    return new String(file, StandardCharsets.UTF_8).strip().equals(RELEASED);
  }

  /** Whoever wrote this; a process nowhere where the bytes are no lease. */
  private static Holder holder(byte[] file) {
    String[] lines = new String(file, StandardCharsets.UTF_8).split("\n", -1);
    try {
      String[] process = lines[2].split(" ", -1);
      return new Holder(lines[1], Long.parseLong(process[0]), Long.parseLong(process[1]), lines[0]);
    } catch (ArrayIndexOutOfBoundsException | NumberFormatException e) {
      return new Holder("", 0, 0, "");
    }
  }
}
