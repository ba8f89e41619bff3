package io.prunegrid.job.spark;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.schedule.FailureKind;
import io.prunegrid.runtime.DeviceFault;
import io.prunegrid.train.DivergedException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkException;

/** Whose fault an error is, told from the error and its causes. */
final class Diagnosis {
  private static final int DEEPEST = 20;

  /**
   * What libtorch, CUDA and ONNX Runtime say when an allocation fails; they have no class of error
   * for it.
   */
  private static final List<String> OUT_OF_MEMORY =
      List.of(
          "std::bad_alloc",
          "can't allocate memory",
          "cannot allocate memory",
          "failed to allocate memory",
          "not enough memory",
          "out of memory",
          "cublas_status_alloc_failed");

  private Diagnosis() {}

  /** The kind of a failure that ended with this error. */
  static FailureKind of(Throwable error) {
    FailureKind kind = FailureKind.CELL;
    int depth = 0;
    for (Throwable cause = error; cause != null && depth < DEEPEST; cause = cause.getCause()) {
      depth++;
      if (cause instanceof DivergedException) {
        return FailureKind.NOT_A_NUMBER;
      }
      if (cause instanceof DeviceFault) {
        return FailureKind.DEVICE;
      }
      if (isOutOfMemory(cause)) {
        return FailureKind.MEMORY;
      }
      if (cause instanceof BadInput) {
        return kind;
      }
      if (cause instanceof IOException || cause instanceof SparkException) {
        kind = FailureKind.INFRASTRUCTURE;
      }
    }
    return kind;
  }

  private static boolean isOutOfMemory(Throwable error) {
    if (error instanceof OutOfMemoryError) {
      return true;
    }
    if (error.getMessage() == null) {
      return false;
    }
    String message = error.getMessage().toLowerCase(Locale.ROOT);
    return OUT_OF_MEMORY.stream().anyMatch(message::contains);
  }
}
