package io.prunegrid.job.spark;

import io.prunegrid.runtime.ComputeDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a processor or a card calls itself. */
final class DeviceName {
  private static final String UNKNOWN_CARD = "unknown card";

  private DeviceName() {}

  static String of(ComputeDevice device) {
    return device.kind() == ComputeDevice.Kind.GPU ? card(device.index()) : processor();
  }

  /** As {@code nvidia-smi} says it. */
  private static String card(int index) {
    try {
      Process process =
          new ProcessBuilder(
                  "nvidia-smi", "--query-gpu=name", "--format=csv,noheader", "-i", "" + index)
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 && !said.isEmpty() ? said : UNKNOWN_CARD;
    } catch (IOException e) {
      return UNKNOWN_CARD;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return UNKNOWN_CARD;
    }
  }

  private static String processor() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}
