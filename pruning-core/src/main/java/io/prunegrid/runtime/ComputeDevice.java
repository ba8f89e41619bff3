package io.prunegrid.runtime;

import io.prunegrid.common.BadInput;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a graph runs.
 *
 * @param kind processor or graphics processor
 * @param index which graphics processor, from 0; 0 for the processor
 */
public record ComputeDevice(Kind kind, int index) {
  private static final Pattern SPELLING = Pattern.compile("cpu|gpu(?::(\\d{1,4}))?");

  public static final ComputeDevice CPU = new ComputeDevice(Kind.CPU, 0);

  /**
   * Reads {@code cpu}, {@code gpu} (the first one) or {@code gpu:1}.
   *
   * @throws BadInput for any other spelling; whether the device exists is for {@link Engine#open}
   *     to say
   */
  public static ComputeDevice parse(String text) {
    Matcher matcher = SPELLING.matcher(text);
    if (!matcher.matches()) {
      throw new BadInput(
          "unknown device '" + text + "'; allowed: cpu, gpu (the first one), gpu:N (from 0)");
    }
    if (text.equals("cpu")) {
      return CPU;
    }
    return new ComputeDevice(
        Kind.GPU, matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1)));
  }

  /** The spelling that {@link #parse} reads. */
  @Override
  public String toString() {
    return kind == Kind.CPU ? "cpu" : "gpu:" + index;
  }

  /** The two kinds of device. */
  public enum Kind {
    CPU,
    GPU
  }
}
