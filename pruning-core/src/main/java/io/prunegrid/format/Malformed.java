package io.prunegrid.format;

import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file is not what its format says; the message says where, what was found and expected. */
public final class Malformed extends IOException {
  private static final long serialVersionUID = 1L;

  private static final int LONGEST_QUOTE = 100;

  public Malformed(String message) {
    super(message);
  }

  /** Text out of a file as it may appear in a message: short, and without control characters. */
  public static String quote(String text) {
    String cut = text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
    return "'" + cut.replaceAll("\\p{Cntrl}", "?") + "'";
  }

  /** What a person is told when reading a file failed. */
  public static BadInput report(Path file, IOException problem) {
    if (problem instanceof Malformed) {
      return new BadInput(file + ": " + problem.getMessage(), problem);
    }
    if (problem instanceof NoSuchFileException) {
      return new BadInput(file + " does not exist", problem);
    }
    if (problem instanceof AccessDeniedException) {
      return new BadInput(file + " cannot be read: permission denied", problem);
    }
    return new BadInput(file + " cannot be read: " + problem.getMessage(), problem);
  }
}
