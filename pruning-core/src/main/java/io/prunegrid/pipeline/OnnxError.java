package io.prunegrid.pipeline;

/**
 * A network that ONNX Runtime cannot be timed with: it is not exported, refused, or fails there.
 */
public final class OnnxError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OnnxError(String message, Throwable cause) {
    super(message, cause);
  }
}
