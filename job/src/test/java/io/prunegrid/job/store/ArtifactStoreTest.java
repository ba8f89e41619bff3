package io.prunegrid.job.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Sha256;
import io.prunegrid.job.store.disk.Location;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ArtifactStoreTest {
  @TempDir Path root;

  private final List<String> warnings = new ArrayList<>();
  private ArtifactStore store;

  @BeforeEach
  void open() {
    store = ArtifactStore.open(List.of(Location.of(root.resolve("store"))), warnings::add);
  }

  @Test
  void theFirstWriterOfAKeyWinsAndEveryoneLearnsItsHash() {
    assertThat(store.find("base-1")).isEmpty();
    String first = store.publish("base-1", bytes("weights"));
    assertThat(first).isEqualTo(Sha256.of("weights"));
    assertThat(store.publish("base-1", bytes("other weights"))).isEqualTo(first);
    assertThat(store.publish("base-2", bytes("weights"))).isEqualTo(first);
    Artifact found = store.find("base-1").orElseThrow();
    assertThat(found.bytes()).isEqualTo(bytes("weights"));
    assertThat(found.contentHash()).isEqualTo(first);
    assertThat(warnings).isEmpty();
  }

  @Test
  void aDamagedArtifactIsReportedAbsentAndMendedByPublishingAgain() throws Exception {
    String hash = store.publish("score", bytes("0.5 0.25"));
    Path content = root.resolve("store/content/" + hash.substring(0, 2) + "/" + hash);
    Files.writeString(content, "0.5 0.35");
    assertThat(store.find("score")).isEmpty();
    assertThat(warnings).singleElement().asString().contains("score").contains("damaged");
    assertThat(store.publish("score", bytes("0.5 0.25"))).isEqualTo(hash);
    assertThat(store.find("score").orElseThrow().bytes()).isEqualTo(bytes("0.5 0.25"));
  }

  @Test
  void anArtifactWhoseContentIsGoneTakesTheNextOne() throws Exception {
    String lost = store.publish("score", bytes("first"));
    Files.delete(root.resolve("store/content/" + lost.substring(0, 2) + "/" + lost));
    assertThat(store.find("score")).isEmpty();
    String hash = store.publish("score", bytes("second"));
    assertThat(hash).isEqualTo(Sha256.of("second"));
    assertThat(store.find("score").orElseThrow().contentHash()).isEqualTo(hash);
  }

  @Test
  void aDamagedPointerIsReportedAndReplaced() throws Exception {
    store.publish("score", bytes("first"));
    try (var files = Files.walk(root.resolve("store/pointers"))) {
      Files.writeString(files.filter(Files::isRegularFile).findFirst().orElseThrow(), "garbage");
    }
    assertThat(store.find("score")).isEmpty();
    assertThat(warnings).hasSize(1);
    store.publish("score", bytes("first"));
    assertThat(store.find("score")).isPresent();
  }

  @Test
  void whatIsMadeTogetherIsLeasedUntilItIsThereAndWhatOthersHaveIsLeftToThem() throws Exception {
    store.publish("there", bytes("0"));
    List<String> told = new ArrayList<>();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      Future<?> making =
          other.submit(
              () ->
                  store.whileMissing(
                      List.of("a", "there", "b"),
                      missing -> {
                        told.addAll(missing);
                        begun.countDown();
                        await(end);
                        store.publish("a", bytes("1"));
                      }));
      await(begun);
      store.whileMissing(
          List.of("b", "c"),
          missing -> {
            assertThat(missing).containsExactly("c");
            store.publish("c", bytes("3"));
          });
      end.countDown();
      making.get();
    } finally {
      other.shutdownNow();
    }

    assertThat(told).containsExactly("a", "b");
    assertThat(store.obtain("a", () -> bytes("9")).artifact().bytes()).isEqualTo(bytes("1"));
    assertThat(store.obtain("b", () -> bytes("2")).isFound()).as("was given back").isFalse();
    store.whileMissing(List.of("a", "b", "c"), missing -> told.add("nothing is missing"));
    assertThat(told).hasSize(2);
  }

  @Test
  void workThatFailsGivesBackAllLeases() {
    assertThatThrownBy(
            () ->
                store.whileMissing(
                    List.of("a", "b"),
                    missing -> {
                      store.publish("a", bytes("1"));
                      throw new IllegalStateException("half way");
                    }))
        .hasMessage("half way");

    assertThat(store.find("a")).isPresent();
    assertThat(store.obtain("b", () -> bytes("2")).isFound()).isFalse();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void processesThatRaceAgreeOnEveryKey() throws Exception {
    int keys = 50;
    List<Process> children = new ArrayList<>();
    List<Path> outputs = new ArrayList<>();
    for (int c = 0; c < 4; c++) {
      outputs.add(root.resolve("output" + c));
      children.add(
          ChildJvm.start(
              StoreChild.class,
              outputs.get(c),
              root.resolve("store").toString(),
              "child " + c,
              String.valueOf(keys)));
    }
    for (Process child : children) {
      assertThat(child.waitFor()).isZero();
    }
    Map<String, String> agreed = new HashMap<>();
    for (Path output : outputs) {
      for (String line : Files.readAllLines(output)) {
        String[] parts = line.split(" ", -1);
        assertThat(agreed.computeIfAbsent(parts[0], key -> parts[1])).isEqualTo(parts[1]);
      }
    }
    assertThat(agreed).hasSize(keys);
    agreed.forEach(
        (key, hash) ->
            assertThat(store.find("key-" + key).orElseThrow().contentHash()).isEqualTo(hash));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aStoreThatCannotBeMadeIsBadInput() throws Exception {
    Path file = Files.writeString(root.resolve("file"), "text");
    assertThatThrownBy(
            () -> ArtifactStore.open(List.of(Location.of(file.resolve("store"))), warnings::add))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("file");
  }
}
