package io.prunegrid.job.store;

import io.prunegrid.measure.LatencyResult;
import io.prunegrid.measure.LatencySettings;
import java.time.Instant;
import java.util.Optional;

/**
 * A latency that was measured once, whether it says anything or is void, or could not be measured.
 *
 * @param subject what was measured
 * @param settings how
 * @param finding what was found
 * @param trial 1 for the first time in its attempt; another follows where one is void
 * @param baseMacs multiply-accumulates an image of the base
 * @param macs of the other network
 * @param cellKey a cell with this structure
 * @param place where and with what it ran
 * @param loadAverage runnable processes of the machine in the last minute, when it began; negative
 *     where that cannot be told
 * @param started when it began
 */
public record Measurement(
    MeasuredSubject subject,
    LatencySettings settings,
    Finding finding,
    int trial,
    long baseMacs,
    long macs,
    String cellKey,
    Place place,
    double loadAverage,
    Instant started) {

  /** How it ended. */
  public sealed interface Finding {}

  /** Networks were timed. */
  public record Timed(LatencyResult result) implements Finding {}

  /**
   * ONNX Runtime could not be timed.
   *
   * @param message which network, and why
   */
  public record OnnxFailed(String message) implements Finding {}

  /** The timing; empty where there is none. */
  Optional<LatencyResult> timing() {
    return finding instanceof Timed timed ? Optional.of(timed.result()) : Optional.empty();
  }

  /** Why there is no timing. */
  Optional<String> error() {
    return finding instanceof OnnxFailed failed ? Optional.of(failed.message()) : Optional.empty();
  }

  /** One of the outcomes of {@link MeasurementColumns}. */
  String outcome() {
    return timing()
        .map(result -> result.isVoid() ? MeasurementColumns.VOID : MeasurementColumns.MEASURED)
        .orElse(MeasurementColumns.ONNX_ERROR);
  }

  /** The row's key: the subject's where the measurement holds, others where it does not. */
  String key() {
    return switch (outcome()) {
      case MeasurementColumns.MEASURED -> subject.key();
      case MeasurementColumns.VOID -> subject.voidKey(place.host() + " " + started);
      default -> subject.onnxErrorKey(place.pruneGrid());
    };
  }
}
