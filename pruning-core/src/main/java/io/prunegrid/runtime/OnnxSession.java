package io.prunegrid.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.prunegrid.graph.Shape;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An ONNX file in ONNX Runtime, on the CPU. For one thread at a time. */
public final class OnnxSession implements AutoCloseable {
  private final OrtEnvironment environment;
  private final OrtSession.SessionOptions options;
  private final OrtSession session;
  private final String input;

  private OnnxSession(
      OrtEnvironment environment, OrtSession.SessionOptions options, OrtSession session) {
    this.environment = environment;
    this.options = options;
    this.session = session;
    this.input = session.getInputNames().iterator().next();
  }

  /** What a session is for. */
  public enum Purpose {
    /** As fast as it gets, whatever memory that takes. */
    SPEED,
    /** A few runs of a file that may be large: nothing is kept twice. */
    CHECK
  }

  /** Version of ONNX Runtime, for instance {@code 1.23.2}; tells it without loading the library. */
  public static String version() {
    return Optional.ofNullable(OrtEnvironment.class.getPackage().getImplementationVersion())
        .orElse("unknown");
  }

  /**
   * Opens a file; ONNX Runtime checks it.
   *
   * @param threads within one operator, at least 1
   * @throws IllegalStateException with ONNX Runtime's words where it refuses the file
   */
  public static OnnxSession open(Path file, int threads, Purpose purpose) {
    try {
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "prunegrid");
      OrtSession.SessionOptions options = new OrtSession.SessionOptions();
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      // threads that wait for the next run by spinning would slow down whatever runs between
      options.addConfigEntry("session.force_spinning_stop", "1");
      if (purpose == Purpose.CHECK) {
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.BASIC_OPT);
        options.setCPUArenaAllocator(false);
        options.addConfigEntry("session.disable_prepacking", "1");
      }
      try {
        return new OnnxSession(
            environment, options, environment.createSession(file.toString(), options));
      } catch (OrtException e) {
        options.close();
        throw e;
      }
    } catch (OrtException e) {
      throw refused(e);
    }
  }

  /**
   * Runs the network.
   *
   * @param images {@code (n, input)}, at least that long
   * @param shape of one input
   * @param n number of inputs, at least 1
   * @return by output name {@code (n, output)}
   */
  public Map<String, float[]> outputs(float[] images, Shape shape, int n) {
    List<Long> sizes = new ArrayList<>(List.of((long) n));
    shape.dims().forEach(dim -> sizes.add((long) dim));
    int length = Math.toIntExact(n * shape.size());
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(
                environment,
                FloatBuffer.wrap(images, 0, length),
                sizes.stream().mapToLong(Long::longValue).toArray());
        OrtSession.Result result = session.run(Map.of(input, tensor))) {
      Map<String, float[]> outputs = new LinkedHashMap<>();
      for (String name : session.getOutputNames()) {
        FloatBuffer values = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer();
        float[] copy = new float[values.remaining()];
        values.get(copy);
        outputs.put(name, copy);
      }
      return outputs;
    } catch (OrtException e) {
      throw refused(e);
    }
  }

  private static IllegalStateException refused(OrtException e) {
    return new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw refused(e);
    } finally {
      options.close();
    }
  }
}
