package io.prunegrid.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FingerprintsTest {
  private static final int RECORD = 3073;

  @TempDir Path folder;
  private Fingerprints fingerprints;

  @BeforeEach
  void write() throws IOException {
    fingerprints = new Fingerprints(folder.resolve("cache"));
    batch("data_batch_1.bin", 0, 1, 1);
    batch("test_batch.bin", 9, 9);
  }

  private void batch(String name, int... labels) throws IOException {
    byte[] bytes = new byte[labels.length * RECORD];
    for (int i = 0; i < labels.length; i++) {
      bytes[i * RECORD] = (byte) labels[i];
      bytes[i * RECORD + 7] = (byte) i;
    }
    Path file = Files.write(folder.resolve(name), bytes);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
  }

  private DataSource open() {
    return Datasets.open("cifar10:" + folder);
  }

  @Test
  void whatWasReadOnceIsRememberedAndEqualsWhatIsThere() {
    assertThat(fingerprints.find(open())).isEmpty();
    Fingerprint read = fingerprints.read(open());

    assertThat(read.train()).isEqualTo(open().train().contentHash());
    assertThat(read.trainCounts().subList(0, 3)).containsExactly(1, 2, 0);
    assertThat(read.testCounts().get(9)).isEqualTo(2);
    assertThat(fingerprints.find(open())).contains(read);
    assertThat(new Fingerprints(folder.resolve("cache")).find(open())).contains(read);
  }

  @Test
  void otherBytesOtherTimesAndOtherPlacesAreReadAnew() throws IOException {
    fingerprints.read(open());
    Files.setLastModifiedTime(
        folder.resolve("test_batch.bin"), FileTime.from(Instant.now().minusSeconds(90)));
    assertThat(fingerprints.find(open())).as("another time").isEmpty();

    Fingerprint before = fingerprints.read(open());
    batch("test_batch.bin", 9, 9, 3);
    assertThat(fingerprints.find(open())).as("another size").isEmpty();
    assertThat(fingerprints.read(open()).test()).isNotEqualTo(before.test());

    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.copy(folder.resolve("data_batch_1.bin"), elsewhere.resolve("data_batch_1.bin"));
    Files.copy(folder.resolve("test_batch.bin"), elsewhere.resolve("test_batch.bin"));
    assertThat(fingerprints.find(Datasets.open("cifar10:" + elsewhere))).isEmpty();
  }

  @Test
  void aDamagedEntryIsReadAnewAndAForgottenOneToo() throws IOException {
    Fingerprint read = fingerprints.read(open());
    try (Stream<Path> entries = Files.list(folder.resolve("cache"))) {
      Path entry = entries.toList().get(0);
      String text = Files.readString(entry);
      for (int i = 0; i < text.length(); i += 13) {
        Files.writeString(entry, text.substring(0, i) + "x" + text.substring(i + 1));
        assertThat(fingerprints.find(open())).as("a slip at %s", i).isEmpty();
      }
    }
    fingerprints.read(open());
    assertThat(fingerprints.find(open())).contains(read);
    fingerprints.forget(open());
    assertThat(fingerprints.find(open())).isEmpty();
  }

  @Test
  void aFileThatHasJustChangedIsNotTrusted() throws IOException {
    Files.setLastModifiedTime(folder.resolve("test_batch.bin"), FileTime.from(Instant.now()));
    fingerprints.read(open());
    assertThat(fingerprints.find(open())).isEmpty();
  }

  @Test
  void aFolderThatCannotBeWrittenCostsTimeOnly() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    Fingerprints unkept = new Fingerprints(file.resolve("cache"));
    assertThat(unkept.read(open())).isEqualTo(fingerprints.read(open()));
    assertThat(unkept.find(open())).isEmpty();
  }

  @Test
  void dataThatShipWithTheProgramHaveNoEntry() {
    DataSource bundled = Datasets.open("fashion");
    assertThat(fingerprints.read(bundled).trainCounts().stream().mapToInt(n -> n).sum())
        .isEqualTo(2000);
    assertThat(folder.resolve("cache")).doesNotExist();
    assertThat(Datasets.look("fashion").classNames()).isEqualTo(bundled.classNames());
    assertThat(Datasets.look("fashion").imageShape()).isEqualTo(bundled.imageShape());
    assertThat(List.of(Datasets.look("cifar10:/nowhere").classNames(), open().classNames()))
        .containsOnly(open().classNames());
  }
}
