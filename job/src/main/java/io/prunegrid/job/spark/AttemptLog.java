package io.prunegrid.job.spark;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What one attempt says: everything that its thread logs between opening and closing, of which the
 * last lines stay. Memory is bounded, so an attempt that logs without end costs no more.
 */
final class AttemptLog implements AutoCloseable {
  /** Lines that stand in the attempt's row; the whole log is in a file. */
  static final int LAST_LINES = 20;

  private static final int MOST_CHARACTERS = 64 * 1024;
  private static final int LONGEST_LINE = 2000;
  private static final int MOST_FRAMES = 12;
  private static final String MAKER = ItemAttempt.class.getName() + ".make";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

  private static final ThreadLocal<AttemptLog> CURRENT = new ThreadLocal<>();
  private static final Set<AttemptLog> OPEN = ConcurrentHashMap.newKeySet();

  private final String run;
  private final String key;
  private final Thread thread = Thread.currentThread();
  private final long startedNanos = System.nanoTime();
  private final Deque<String> lines = new ArrayDeque<>();
  private int characters;
  private boolean shortened;

  private AttemptLog(String run, String key) {
    this.run = run;
    this.key = key;
  }

  /** Begins to keep what the calling thread logs. */
  static AttemptLog open(String run, String key) {
    LogCapture.install();
    AttemptLog log = new AttemptLog(run, key);
    CURRENT.set(log);
    OPEN.add(log);
    return log;
  }

  /** The logs of all attempts that are under way in this process. */
  static Collection<AttemptLog> underWay() {
    return List.copyOf(OPEN);
  }

  /** Keeps a line where the calling thread is in an attempt. */
  static void say(Instant when, String text) {
    AttemptLog log = CURRENT.get();
    if (log != null) {
      log.add(when, text);
    }
  }

  /** Keeps an error where the calling thread is in an attempt. */
  static void say(Instant when, Throwable error) {
    AttemptLog log = CURRENT.get();
    if (log != null) {
      log.add(when, error);
    }
  }

  String run() {
    return run;
  }

  String key() {
    return key;
  }

  double seconds() {
    return (System.nanoTime() - startedNanos) * 1e-9;
  }

  void add(Instant when, String text) {
    String stamp = TIME.format(when) + " ";
    text.lines().forEach(line -> keep(stamp + line));
  }

  /** Keeps an error with its stack trace, down to where attempts are made. */
  void add(Instant when, Throwable error) {
    StringWriter trace = new StringWriter();
    error.printStackTrace(new PrintWriter(trace));
    String stamp = TIME.format(when) + " ";
    boolean below = false;
    for (String line : trace.toString().lines().toList()) {
      boolean frame = line.startsWith("\tat ");
      below &= frame;
      if (!below) {
        keep(frame ? "    " + line.strip() : stamp + line);
      }
      below |= frame && line.contains(MAKER);
    }
  }

  /** Everything that is kept, the oldest line first. */
  synchronized String text() {
    return (shortened ? "(earlier lines were dropped)\n" : "") + String.join("\n", lines) + "\n";
  }

  /** The end of what is kept. */
  synchronized String lastLines() {
    return String.join("\n", lines.stream().skip(Math.max(0, lines.size() - LAST_LINES)).toList());
  }

  /** The last lines, and where in the program the attempt is right now. */
  String now() {
    StringBuilder text = new StringBuilder(lastLines());
    StackTraceElement[] frames = thread.getStackTrace();
    for (int i = 0; i < Math.min(MOST_FRAMES, frames.length); i++) {
      text.append(text.isEmpty() ? "" : "\n").append("    at ").append(frames[i]);
    }
    return text.toString();
  }

  @Override
  public void close() {
    OPEN.remove(this);
    CURRENT.remove();
  }

  private synchronized void keep(String line) {
    String kept = line.length() <= LONGEST_LINE ? line : line.substring(0, LONGEST_LINE) + " ...";
    lines.addLast(kept);
    characters += kept.length() + 1;
    while (characters > MOST_CHARACTERS) {
      characters -= lines.removeFirst().length() + 1;
      shortened = true;
    }
  }
}
