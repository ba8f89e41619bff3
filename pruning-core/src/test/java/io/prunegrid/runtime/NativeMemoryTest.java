package io.prunegrid.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Native memory is invisible to the garbage collector, so it is watched in two ways: as what the
 * engine's managers hold, array by array, and as what the operating system gave the process.
 */
class NativeMemoryTest {
  private static final long ALLOWED_BYTES = 24L << 20;

  private record Growth(int arrays, long bytes) {}

  @BeforeAll
  static void onLinux() {
    Assumptions.assumeTrue(
        Files.exists(Path.of("/proc/self/status")), "resident memory is read from /proc");
  }

  private static Growth probe(String what) throws Exception {
    List<String> command =
        Stream.concat(
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xms96m",
                    "-Xmx96m",
                    "-XX:+AlwaysPreTouch",
                    "-Dai.djl.offline=true"),
                Stream.of(
                    "-cp",
                    System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")),
                    NativeMemoryProbe.class.getName(),
                    what))
            .toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    String[] figures = output.lines().reduce((first, last) -> last).orElseThrow().split(" ", 2);
    return new Growth(Integer.parseInt(figures[0]), Long.parseLong(figures[1]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"training", "inference", "gates", "sessions"})
  void twoThousandTimesLeaveNothingBehind(String what) throws Exception {
    Growth growth = probe(what);
    assertThat(growth.arrays()).isZero();
    assertThat(growth.bytes()).isLessThan(ALLOWED_BYTES);
  }

  @Test
  void aForgottenArrayIsSeenInBothFigures() throws Exception {
    Growth growth = probe("forgotten-array");
    assertThat(growth.arrays()).isEqualTo(4_000);
    assertThat(growth.bytes()).isGreaterThan(ALLOWED_BYTES);
  }
}
