package io.prunegrid.format.onnx;

import io.prunegrid.format.Malformed;

/** A node cannot be read; the message ends the sentence "node ... (...): ". */
final class Unsupported extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final int LONGEST = 600;

  Unsupported(String reason) {
    super(reason.length() <= LONGEST ? reason : reason.substring(0, LONGEST) + "...");
  }

  /** Text of the file inside a reason. */
  static String quote(String text) {
    return Malformed.quote(text);
  }
}
