package io.prunegrid.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.common.Sha256;
import io.prunegrid.job.store.ArtifactStore;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCommandTest {
  @TempDir Path folder;

  private Path root;
  private String store;
  private String hash;

  @BeforeEach
  void fill() {
    root = folder.resolve("store");
    store = root.toString();
    ArtifactStore artifacts = ArtifactStore.open(List.of(Location.of(root)), warning -> {});
    hash = artifacts.publish("base", bytes("weights"));
    artifacts.publish("base-seconds", bytes("12.5"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Path content(String hash) {
    return root.resolve("content/" + hash.substring(0, 2) + "/" + hash);
  }

  private static String well(String... arguments) {
    Shell.Outcome outcome = Shell.run(arguments);
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.code()).isZero();
    return outcome.out();
  }

  private Path leave(String name, Duration age) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, Sha256.of(name));
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    return file;
  }

  @Test
  void listNamesEveryArtifact() {
    assertThat(well("store", "list", store, "--csv").lines().toList())
        .hasSize(3)
        .contains("key,content,bytes,published")
        .anyMatch(line -> line.startsWith("base," + hash + ",7,"));
    assertThat(well("store", "verify", store)).isEqualTo("all 2 artifacts are whole\n");
  }

  @Test
  void verifyNamesWhatIsDamagedAndFails() throws Exception {
    Files.writeString(content(hash), "weighty");
    Files.delete(content(Sha256.of("12.5")));
    Shell.Outcome outcome = Shell.run("store", "verify", store);
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.errors())
        .anyMatch(line -> line.contains(hash) && line.contains(Sha256.of("weighty")))
        .anyMatch(line -> line.contains("artifact base is damaged"))
        .anyMatch(line -> line.contains("artifact base-seconds lost its content"));
  }

  @Test
  void gcRemovesWhatNobodyNeedsAndNothingThatIsYoung() throws Exception {
    String idle = Sha256.of("idle");
    List<Path> old =
        List.of(
            leave("content/" + idle.substring(0, 2) + "/" + idle, Duration.ofDays(2)),
            leave("content/ab/.unfinished-1", Duration.ofDays(2)),
            leave("pointers/ab/.unfinished-2", Duration.ofDays(2)),
            leave("leases/ab/key.000000001", Duration.ofDays(2)));
    List<Path> young =
        List.of(
            leave("content/ab/" + Sha256.of("young"), Duration.ofHours(1)),
            leave("content/ab/.unfinished-3", Duration.ofHours(1)),
            leave("leases/ab/key.000000002", Duration.ofHours(1)));
    assertThat(well("store", "gc", store))
        .contains("2 unfinished files")
        .contains("1 contents")
        .contains("1 leases");
    assertThat(old).allMatch(file -> !Files.exists(file));
    assertThat(young).allMatch(Files::exists);
    assertThat(well("store", "gc", store)).isEqualTo("nothing to remove\n");
    assertThat(well("store", "gc", store, "--older-than", "0s")).contains("1 contents");
    assertThat(well("store", "verify", store)).isEqualTo("all 2 artifacts are whole\n");
    try (Stream<Path> files = Files.walk(root)) {
      assertThat(files.filter(Files::isRegularFile)).hasSize(4);
    }
  }

  @Test
  void whatCannotBeMeantIsRefused() {
    assertThat(Shell.run("store", "gc", store, "--unreferenced").errors())
        .containsExactly("error: --unreferenced needs --results: which rows count?");
    assertThat(Shell.run("store", "gc", store, "--older-than", "soon").err())
        .contains("--older-than is 'soon'");
    assertThat(Shell.run("store", "list", folder.toString()).err())
        .contains(folder + " is no artifact store");
    assertThat(Shell.run("store", "list", folder.resolve("none").toString()).err())
        .contains("no artifact store at " + folder.resolve("none"));
    assertThat(Shell.run("verify", folder.toString()).code()).isEqualTo(2);
  }
}
