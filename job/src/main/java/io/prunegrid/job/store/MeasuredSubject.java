package io.prunegrid.job.store;

import io.prunegrid.common.Sha256;
import io.prunegrid.job.sweep.LatencyRuntime;
import io.prunegrid.runtime.OnnxSession;

/**
 * What a latency is of. Weights and seeds are no part of it: time does not depend on them.
 *
 * @param structure hash of the pruned network's graph
 * @param baseStructure hash of the graph that it came from
 * @param deviceClass kind and name of the device, equal on machines that should be equally fast
 * @param runtime what runs the network
 * @param numerics threads and library version
 * @param batchSize images of a pass, at least 1
 */
public record MeasuredSubject(
    String structure,
    String baseStructure,
    String deviceClass,
    String runtime,
    String numerics,
    int batchSize) {
  /** Raised where rows measured in another way must not pass for new ones. */
  private static final int VERSION = 1;

  /** A subject on a place's device. */
  public static MeasuredSubject on(
      Place place, LatencyRuntime runtime, String structure, String baseStructure, int batchSize) {
    return new MeasuredSubject(
        structure,
        baseStructure,
        deviceClass(place),
        runtime.toString(),
        numerics(place, runtime),
        batchSize);
  }

  private static String numerics(Place place, LatencyRuntime runtime) {
    return switch (runtime) {
      case DJL -> place.numerics();
      case ONNX_RUNTIME ->
          "cpu threads=" + place.threads() + " onnxruntime=" + OnnxSession.version();
    };
  }

  /** Machines of one class are taken for equally fast: {@code cpu AMD EPYC 7B13}. */
  public static String deviceClass(Place place) {
    String device = place.device();
    int index = device.indexOf(':');
    return (index < 0 ? device : device.substring(0, index)) + " " + place.deviceName();
  }

  /** What a measurement that holds is known by: there is at most one. */
  public String key() {
    return Sha256.of(text());
  }

  /** What a void measurement is known by. */
  String voidKey(String occasion) {
    return Sha256.of("void " + occasion + "\n" + text());
  }

  /**
   * What is known by that ONNX Runtime cannot run it: as long as neither of the two changes, it is
   * not tried again.
   *
   * @param pruneGrid version of PruneGrid, which exports
   */
  public String onnxErrorKey(String pruneGrid) {
    return Sha256.of("onnx-error " + pruneGrid + "\n" + text());
  }

  private String text() {
    return String.join(
        "\n",
        "latency " + VERSION,
        structure,
        baseStructure,
        deviceClass,
        runtime,
        numerics,
        String.valueOf(batchSize));
  }
}
