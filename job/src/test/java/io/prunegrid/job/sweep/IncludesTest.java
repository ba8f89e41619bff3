package io.prunegrid.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that include others, on disk and in a jar, where shipped sweeps lie. */
class IncludesTest {
  private static final String SWEEP =
      "include \"parts/common.conf\"\nsweep { methods = [{ name = ln, p = ${p} }], ratios = [0.5] }\n";
  private static final String COMMON =
      "include \"more.conf\"\nsweep { data = fashion, models = [{ name = resnet20, weights = procedural }] }\n";

  @TempDir Path folder;

  private static Sweep read(Path root) throws IOException {
    Path parts = Files.createDirectories(root.resolve("parts"));
    Files.writeString(parts.resolve("common.conf"), COMMON);
    Files.writeString(parts.resolve("more.conf"), "p = 2\n");
    Path file = Files.writeString(root.resolve("s.conf"), SWEEP);
    return SweepFile.read(file, List.of(), new FakeVocabulary());
  }

  @Test
  void aSweepInAJarIncludesWhatLiesBesideIt() throws IOException {
    Sweep onDisk = read(Files.createDirectory(folder.resolve("disk")));
    Path jar = folder.resolve("sweeps.jar");
    try (FileSystem inside = FileSystems.newFileSystem(jar, Map.of("create", "true"))) {
      assertThat(read(inside.getPath("/sweeps")).cells()).isEqualTo(onDisk.cells()).hasSize(1);
      Path lost = Files.writeString(inside.getPath("/lost.conf"), "include \"none.conf\"\n");
      BadInput bad =
          catchThrowableOfType(
              BadInput.class, () -> SweepFile.read(lost, List.of(), new FakeVocabulary()));
      assertThat(bad).hasMessageContaining("none.conf").hasMessageContaining("no such file");
    }
  }

  @Test
  void aSweepThatWaitsForSomethingIsRefusedAtItsLine() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("w.conf"),
            """
            sweep {
              waits-for = "a way to do it"
              data = fashion, models = [{ name = resnet20, weights = procedural }]
              methods = [ln], ratios = [0.5]
            }
            """);
    BadInput bad =
        catchThrowableOfType(
            BadInput.class, () -> SweepFile.read(file, List.of(), new FakeVocabulary()));
    assertThat(bad.problems())
        .singleElement()
        .asString()
        .contains("w.conf:2", "waits-for", "it waits for a way to do it", "plan --unresolved");
  }
}
