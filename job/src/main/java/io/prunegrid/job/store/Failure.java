package io.prunegrid.job.store;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Why an attempt failed.
 *
 * @param type the error's class
 * @param message what it says, with the messages of its causes
 * @param at the first frame of the program itself, or of whatever threw
 */
public record Failure(String type, String message, String at) implements Serializable {
  private static final int LONGEST = 4000;
  private static final String OURS = "io.prunegrid.";

  /** What is worth keeping of an error. */
  public static Failure of(Throwable error) {
    StackTraceElement[] frames = error.getStackTrace();
    String at =
        Arrays.stream(frames)
            .filter(frame -> frame.getClassName().startsWith(OURS))
            .findFirst()
            .or(() -> Arrays.stream(frames).findFirst())
            .map(StackTraceElement::toString)
            .orElse("unknown");
    return new Failure(error.getClass().getName(), messages(error), at);
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
