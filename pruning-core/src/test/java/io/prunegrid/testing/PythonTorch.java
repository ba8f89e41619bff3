package io.prunegrid.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * PyTorch in Python, the program whose files are read and for which files are written. Debian's
 * {@code python3-torch} is enough; tests are skipped with a message where it is absent.
 */
public final class PythonTorch {
  private static final String PYTHON = "/usr/bin/python3";

  private PythonTorch() {}

  /** Skips the test where there is no PyTorch. */
  public static void require() {
    boolean works = false;
    try {
      works =
          Files.exists(Path.of(PYTHON)) && run(List.of("-c", "import torch, numpy")).code() == 0;
    } catch (IOException e) {
      Assumptions.abort("python cannot be started: " + e.getMessage());
    }
    if (!works) {
      Assumptions.abort(PYTHON + " has no torch; install Debian's python3-torch");
    }
  }

  /** What a script did. */
  public record Result(int code, String output) {}

  /**
   * Runs a script that lies among the resources of the tests.
   *
   * @param script for instance {@code io/prunegrid/format/onnx/cases.py}
   */
  public static Result script(String script, String... arguments) throws IOException {
    Path resources = Shared.repository().resolve("pruning-core/src/test/resources");
    List<String> all =
        new ArrayList<>(List.of("-W", "ignore", resources.resolve(script).toString()));
    all.addAll(List.of(arguments));
    return run(all);
  }

  private static Result run(List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(PYTHON));
    command.addAll(arguments);
    Path output = Files.createTempFile("python", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("OMP_NUM_THREADS", "1");
    Process process = builder.start();
    try {
      if (!process.waitFor(5, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException("python took more than five minutes");
      }
      return new Result(process.exitValue(), Files.readString(output));
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      Files.deleteIfExists(output);
    }
  }
}
