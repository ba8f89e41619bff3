package io.prunegrid.job.store;

import io.prunegrid.job.schedule.FailureKind;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Why an attempt failed.
 *
 * @param kind whose fault it is
 * @param type the error's class; for what no error tells of, such as a lost process, the kind
 * @param message what it says, with the messages of its causes
 * @param at the first frame of the program itself, or of whatever threw; {@code unknown} where
 *     nothing is known
 * @param lastLines the end of the attempt's log; empty where there is none
 */
public record Failure(FailureKind kind, String type, String message, String at, String lastLines)
    implements Serializable {
  private static final int LONGEST = 4000;
  private static final String OURS = "io.prunegrid.";

  /** What is worth keeping of an error. */
  public static Failure of(FailureKind kind, Throwable error, String lastLines) {
    return new Failure(
        kind, error.getClass().getName(), messages(error), place(error.getStackTrace()), lastLines);
  }

  /** A failure that no error tells of. */
  public static Failure untold(FailureKind kind, String message) {
    return new Failure(kind, kind.column(), message, "unknown", "");
  }

  /** The same failure with the end of a log. */
  public Failure withLastLines(String lines) {
    return new Failure(kind, type, message, at, lines);
  }

  /** The same failure in other words, with the end of a log. */
  public Failure explained(String words, String lines) {
    return new Failure(kind, type, words, at, lines);
  }

  private static String place(StackTraceElement... frames) {
    return Arrays.stream(frames)
        .filter(frame -> frame.getClassName().startsWith(OURS))
        .findFirst()
        .or(() -> Arrays.stream(frames).findFirst())
        .map(StackTraceElement::toString)
        .orElse("unknown");
  }

  private static String messages(Throwable error) {
    StringBuilder text = new StringBuilder();
    int depth = 0;
    for (Throwable cause = error; cause != null && depth < 10; cause = cause.getCause(), depth++) {
      String message = cause.getMessage();
      if (message == null) {
        message = cause.getClass().getName();
      }
      if (text.indexOf(message) < 0) {
        text.append(text.isEmpty() ? "" : "; because: ").append(message);
      }
    }
    return text.length() <= LONGEST ? text.toString() : text.substring(0, LONGEST) + " ...";
  }
}
