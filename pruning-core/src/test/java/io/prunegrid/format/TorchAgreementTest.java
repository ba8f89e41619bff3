package io.prunegrid.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.graph.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that the torch of this machine, where there is one, saved a moment ago. */
class TorchAgreementTest {
  @TempDir Path folder;

  @Test
  void everyWayTorchSavesGivesTheArraysNumpySees() throws Exception {
    Path script = folder.resolve("odd_checkpoints.py");
    try (InputStream in = getClass().getResourceAsStream("odd_checkpoints.py")) {
      Files.copy(in, script);
    }
    Path saved = Files.createDirectory(folder.resolve("saved"));
    if (run(List.of("/usr/bin/python3", "-c", "import torch, numpy")) != 0) {
      Assumptions.abort("no /usr/bin/python3 with torch and numpy on this machine");
    }
    assertThat(run(List.of("/usr/bin/python3", script.toString(), saved.toString()))).isZero();

    Map<String, Tensor> expected = Npz.read(saved.resolve("expected.npz"));
    assertThat(expected).hasSize(11);
    List<Path> checkpoints;
    try (Stream<Path> files = Files.list(saved)) {
      checkpoints = files.filter(file -> file.toString().endsWith(".pth")).toList();
    }
    assertThat(checkpoints).hasSize(24);
    for (Path checkpoint : checkpoints) {
      assertThat(Checkpoints.read(checkpoint)).as(checkpoint.toString()).isEqualTo(expected);
    }
  }

  private int run(List<String> command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(folder.resolve("output").toFile())
          .start()
          .waitFor();
    } catch (IOException absent) {
      return -1;
    }
  }
}
