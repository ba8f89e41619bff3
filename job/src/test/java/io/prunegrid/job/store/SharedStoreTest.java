package io.prunegrid.job.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Sha256;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Artifact stores that several runs and people use. */
@Timeout(120)
class SharedStoreTest {
  @TempDir Path folder;

  private final List<String> warnings = new ArrayList<>();

  private Location place(String name) {
    return Location.of(folder.resolve(name));
  }

  private ArtifactStore open(String... names) {
    return ArtifactStore.open(Stream.of(names).map(this::place).toList(), warnings::add);
  }

  @Test
  void processesThatWantTheSameComputeItOnceAndWhatADeadOneBeganIsDoneByAnother() throws Exception {
    int keys = 40;
    List<Process> children = new ArrayList<>();
    List<Path> outputs = new ArrayList<>();
    for (int c = 0; c < 3; c++) {
      outputs.add(folder.resolve("output" + c));
      children.add(
          ChildJvm.start(
              ObtainingChild.class,
              outputs.get(c),
              place("store").text(),
              String.valueOf(keys),
              c == 0 ? "0" : "-1"));
    }
    for (Process child : children) {
      assertThat(child.waitFor(90, TimeUnit.SECONDS)).isTrue();
    }
    Map<String, Integer> computed = new TreeMap<>();
    Map<String, String> agreed = new HashMap<>();
    for (Path output : outputs) {
      for (String line : Files.readAllLines(output)) {
        String[] words = line.split(" ", 2);
        if (words[0].equals("computed")) {
          computed.merge(words[1], 1, Integer::sum);
        } else if (!words[0].equals("dies")) {
          assertThat(agreed.computeIfAbsent(words[0], key -> words[1])).isEqualTo(words[1]);
        }
      }
    }
    assertThat(agreed).hasSize(keys);
    assertThat(computed).hasSize(keys).allSatisfy((key, times) -> assertThat(times).isEqualTo(1));
    assertThat(StoreCare.of(place("store")).verify()).isEmpty();
    try (Stream<Path> leases = Files.walk(folder.resolve("store/leases"))) {
      assertThat(leases.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void aStoreBehindOnesOwnIsReadAndNeverWritten() throws Exception {
    open("lab").publish("base", bytes("weights"));
    Map<String, String> lab = contents("lab");
    ArtifactStore mine = open("mine", "lab");
    ArtifactStore.Obtained found =
        mine.obtain(
            "base",
            () -> {
              throw new AssertionError("it is there");
            });
    assertThat(found.isFound()).isTrue();
    assertThat(found.artifact().bytes()).isEqualTo(bytes("weights"));
    assertThat(mine.obtain("score", () -> bytes("0.5")).isFound()).isFalse();
    assertThat(contents("lab")).isEqualTo(lab);
    assertThat(open("lab").find("score")).isEmpty();
    assertThat(open("mine").find("score")).isPresent();
    assertThat(warnings).isEmpty();
  }

  @Test
  void aDamagedArtifactOfALabIsToldOnceAndComputedIntoOnesOwn() throws Exception {
    String hash = open("lab").publish("base", bytes("weights"));
    Path content = folder.resolve("lab/content/" + hash.substring(0, 2) + "/" + hash);
    Files.writeString(content, "weighty");
    Map<String, String> lab = contents("lab");
    ArtifactStore mine = open("mine", "lab");
    assertThat(mine.find("base")).isEmpty();
    ArtifactStore.Obtained made = mine.obtain("base", () -> bytes("weights"));
    assertThat(made.isFound()).isFalse();
    assertThat(mine.find("base").orElseThrow().contentHash()).isEqualTo(hash);
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("artifact base in " + place("lab"))
        .contains("damaged")
        .contains(Sha256.of("weighty"));
    assertThat(contents("lab")).isEqualTo(lab);
  }

  @Test
  void aStoreBehindOnesOwnThatDoesNotExistIsBadInput() {
    assertThatThrownBy(() -> open("mine", "lba"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(place("lba").text())
        .hasMessageContaining("does not exist");
    assertThat(folder.resolve("mine")).doesNotExist();
  }

  private Map<String, String> contents(String store) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder.resolve(store))) {
      for (Path file : files.toList()) {
        all.put(file.toString(), Files.isRegularFile(file) ? Files.readString(file) : "");
      }
    }
    return all;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
