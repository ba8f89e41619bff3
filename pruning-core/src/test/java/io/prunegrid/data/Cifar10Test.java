package io.prunegrid.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.Shape;
import io.prunegrid.testing.Shared;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar10Test {
  private static final int RECORD = 3073;

  @TempDir Path folder;

  @Test
  void normalizesTheReferenceImagesBitForBit() throws IOException {
    Path npy = Shared.require("oracle/cifar10/test_images64_norm_f32.npy");
    Path data = Shared.require("data/cifar10-jpeg");
    Dataset test = Datasets.open("cifar10:" + data).test();
    byte[] bytes = Files.readAllBytes(npy);
    int header = 10 + (bytes[8] & 0xff) + ((bytes[9] & 0xff) << 8);
    ByteBuffer reference = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).position(header);
    float[] image = new float[3072];
    for (int i = 0; i < 64; i++) {
      test.copyImage(i, image, 0);
      for (float value : image) {
        assertThat(value).isEqualTo(reference.getFloat());
      }
    }
    assertThat(reference.hasRemaining()).isFalse();
  }

  @Test
  void readsEveryRecordOfTheTrainingFilesInFileOrder() throws IOException {
    Path data = Shared.require("data/cifar10");
    JsonNode manifest = new ObjectMapper().readTree(data.resolve("manifest.json").toFile());
    DataSource source = Datasets.open("cifar10:" + data);
    int record = 0;
    for (int batch = 1; batch <= 5; batch++) {
      JsonNode file = manifest.get("data_batch_" + batch + ".bin");
      int[] counts = new int[10];
      for (int i = 0; i < file.get("records").asInt(); i++) {
        counts[source.train().label(record++)]++;
      }
      for (int label = 0; label < 10; label++) {
        assertThat(counts[label]).isEqualTo(file.get("per_class").get(label).asInt());
      }
    }
    assertThat(source.train().size()).isEqualTo(record);
    assertThat(source.test().size()).isEqualTo(1017);
    assertThat(source.imageShape()).isEqualTo(Shape.of(3, 32, 32));
    assertThat(source.classNames()).startsWith("airplane", "automobile").endsWith("truck");
    assertThat(source.train()).isSameAs(source.part(Part.TRAIN));
  }

  @Test
  void takesAFolderThatHoldsSomeOfTheBatchesInNumberOrder() throws IOException {
    write("data_batch_4.bin", 2, 7);
    write("data_batch_2.bin", 1, 3);
    DataSource source = open();
    Dataset train = source.train();
    assertThat(labels(train)).containsExactly(3, 7, 7);
    assertThat(source.classNames()).hasSize(10);
    assertThatThrownBy(source::test)
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no test part")
        .hasMessageContaining("test_batch.bin");
  }

  @Test
  void hashesContentAndNotPlace() throws IOException {
    write("data_batch_1.bin", 3, 1);
    String hash = open().train().contentHash();
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.copy(folder.resolve("data_batch_1.bin"), elsewhere.resolve("data_batch_5.bin"));
    assertThat(Datasets.open("cifar10:" + elsewhere).train().contentHash()).isEqualTo(hash);
    byte[] changed = Files.readAllBytes(elsewhere.resolve("data_batch_5.bin"));
    changed[2 * RECORD - 1] ^= 1;
    Files.write(elsewhere.resolve("data_batch_5.bin"), changed);
    assertThat(Datasets.open("cifar10:" + elsewhere).train().contentHash()).isNotEqualTo(hash);
  }

  @Test
  void saysWhereATruncatedBatchEnds() throws IOException {
    write("data_batch_1.bin", 3, 1);
    write("test_batch.bin", 3, 1);
    byte[] whole = Files.readAllBytes(folder.resolve("test_batch.bin"));
    Files.write(folder.resolve("test_batch.bin"), java.util.Arrays.copyOf(whole, 2 * RECORD + 100));
    assertThatThrownBy(this::open)
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("test_batch.bin")
        .hasMessageContaining("byte 6246")
        .hasMessageContaining("record 2")
        .hasMessageContaining("3073");
  }

  @Test
  void saysWhereALabelIsNone() throws IOException {
    write("data_batch_1.bin", 3, 1);
    byte[] bytes = Files.readAllBytes(folder.resolve("data_batch_1.bin"));
    bytes[RECORD] = 10;
    Files.write(folder.resolve("data_batch_1.bin"), bytes);
    assertThatThrownBy(() -> open().train())
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("data_batch_1.bin, byte 3073 (label of record 1): found 10")
        .hasMessageContaining("0 to 9");
  }

  @Test
  void reportsEveryBrokenFileAtOnce() throws IOException {
    Files.createFile(folder.resolve("data_batch_1.bin"));
    Files.write(folder.resolve("test_batch.bin"), new byte[5]);
    Files.writeString(folder.resolve("batches.meta.txt"), "cat\ndog\n");
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(BadInput.class, bad -> assertThat(bad.problems()).hasSize(3))
        .hasMessageContaining("data_batch_1.bin is empty")
        .hasMessageContaining("batches.meta.txt holds 2 class names");
  }

  @Test
  void namesMissingFoldersFilesSchemesAndOptions() {
    assertThatThrownBy(() -> Datasets.open("cifar10:" + folder.resolve("nowhere")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("nowhere does not exist");
    assertThatThrownBy(this::open)
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("looked for data_batch_1.bin");
    assertThatThrownBy(() -> Datasets.open("cifar10")).hasMessageContaining("cifar10:FOLDER");
    assertThatThrownBy(() -> Datasets.open("cifar:/x"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("did you mean 'cifar10'?");
    assertThatThrownBy(() -> Datasets.open("cifar10:" + folder + "?pool=2"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("takes no options");
  }

  @Test
  void takesClassNamesFromTheFolder() throws IOException {
    write("test_batch.bin", 1, 0);
    Files.writeString(
        folder.resolve("batches.meta.txt"),
        "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n",
        StandardCharsets.UTF_8);
    assertThat(open().test().classNames())
        .containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
  }

  private DataSource open() {
    return Datasets.open("cifar10:" + folder);
  }

  private void write(String name, int records, int label) throws IOException {
    byte[] bytes = new byte[records * RECORD];
    SplitMix64 random = new SplitMix64(label);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = i % RECORD == 0 ? (byte) label : (byte) random.nextInt(256);
    }
    Files.write(folder.resolve(name), bytes);
  }

  private static List<Integer> labels(Dataset data) {
    List<Integer> labels = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      labels.add(data.label(i));
    }
    return labels;
  }
}
