package io.prunegrid.job.sweep;

import java.util.Arrays;
import java.util.List;

/** What can run a network while it is timed. */
public enum LatencyRuntime {
  /** PyTorch through DJL, as cells are evaluated. */
  DJL("djl"),
  /** ONNX Runtime, which the network is exported to; on the CPU alone. */
  ONNX_RUNTIME("onnxruntime");

  static final List<String> WORDS = Arrays.stream(values()).map(LatencyRuntime::toString).toList();

  private final String word;

  LatencyRuntime(String word) {
    this.word = word;
  }

  /** One of {@link #WORDS}. */
  static LatencyRuntime of(String word) {
    return values()[WORDS.indexOf(word)];
  }

  @Override
  public String toString() {
    return word;
  }
}
