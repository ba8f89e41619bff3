package io.prunegrid.job.store;

import io.prunegrid.measure.LatencyResult;
import io.prunegrid.measure.LatencySettings;
import java.time.Instant;

/**
 * A latency that was measured once, whether it says anything or is void.
 *
 * @param subject what was measured
 * @param settings how
 * @param result what was found
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
    LatencyResult result,
    int trial,
    long baseMacs,
    long macs,
    String cellKey,
    Place place,
    double loadAverage,
    Instant started) {

  /** The row's key: the subject's where the measurement holds, one of its own where it is void. */
  String key() {
    return result.isVoid() ? subject.voidKey(place.host() + " " + started) : subject.key();
  }
}
