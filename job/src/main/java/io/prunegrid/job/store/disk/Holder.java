package io.prunegrid.job.store.disk;

import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * A process that holds something: told to people, and looked for by other processes of its machine.
 *
 * @param machine the boot and the process name space that its number belongs to; empty where the
 *     system does not say
 * @param process its number
 * @param started when it started, in milliseconds since 1970; 0 where the system does not say
 * @param text what people are told
 */
public record Holder(String machine, long process, long started, String text) {
  /** Milliseconds; the system counts starts from a boot time that it knows to the second. */
  private static final long START_TOLERANCE = 2000;

  /** This process. */
  public static Holder me() {
    ProcessHandle me = ProcessHandle.current();
    return new Holder(
        here(),
        me.pid(),
        started(me),
        "process "
            + me.pid()
            + " on "
            + host()
            + ", since "
            + Instant.now().truncatedTo(ChronoUnit.SECONDS));
  }

  /** Whether it lives; empty where that cannot be known, as it ran on another machine. */
  public Optional<Boolean> isAlive() {
    if (machine.isEmpty() || !machine.equals(here())) {
      return Optional.empty();
    }
    return Optional.of(
        ProcessHandle.of(process)
            .filter(ProcessHandle::isAlive)
            .filter(now -> started == 0 || Math.abs(started(now) - started) < START_TOLERANCE)
            .isPresent());
  }

  /** Whether it ran on this machine and is gone; false where that cannot be known. */
  boolean isDeadForSure() {
    return isAlive().filter(alive -> !alive).isPresent();
  }

  /** What a process that comes second is told. */
  static BadInput busy(String what, String folder, String holder) {
    return new BadInput(
        what
            + " "
            + folder
            + " is being written by another run ("
            + (holder.isBlank() ? "it does not say which" : holder.strip())
            + "); wait for it to end or choose another folder");
  }

  private static long started(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  private static String here() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "a host without a name";
    }
  }
}
