package io.prunegrid.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Sha256;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FashionMnistTest {
  @TempDir Path folder;

  @Test
  void shipsThePublishedImagesUnchanged() throws IOException {
    Map<String, String> published =
        Map.of(
            "train-images-idx3-ubyte",
            "71a9f8cec24060d6752b3e4940ce6d6fd729334afa47b735dd553481aa83b53e",
            "train-labels-idx1-ubyte",
            "8983259dfbc9f185f92698916f7daf361704b43ba7d19568cc7bcdeefdc1bece",
            "test-images-idx3-ubyte",
            "7a6d8e07ea021ec5bc73135ebd0a5770799557ec6f8242d8749c4f32a3cf4643",
            "test-labels-idx1-ubyte",
            "b40abac7ec8228f434940f579deb7cf7b6e3103b5274cb91d1545771f5ef1c8b");
    for (Map.Entry<String, String> file : published.entrySet()) {
      assertThat(Sha256.of(bundled(file.getKey()))).isEqualTo(file.getValue());
    }
    assertThat(FashionMnist.class.getResource("fashion/LICENSE.txt")).isNotNull();
  }

  @Test
  void hasTheClassCountsThatItsReadmeLists() {
    DataSource source = Datasets.open("fashion");
    assertThat(Samples.all(source.train()).countsPerClass())
        .containsExactly(194, 216, 202, 195, 186, 200, 194, 215, 198, 200);
    assertThat(Samples.all(source.test()).countsPerClass())
        .containsExactly(107, 105, 111, 93, 115, 87, 97, 95, 95, 95);
    assertThat(source.classNames()).contains("T-shirt/top", "Ankle boot").hasSize(10);
  }

  @Test
  void isNormalizedToMeanZeroAndDeviationOne() {
    Dataset train = Datasets.open("fashion").train();
    assertThat(train.imageShape()).isEqualTo(Shape.of(1, 14, 14));
    float[] image = new float[196];
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < train.size(); i++) {
      train.copyImage(i, image, 0);
      for (float value : image) {
        sum += value;
        squares += (double) value * value;
      }
    }
    double mean = sum / (2000.0 * 196);
    assertThat(mean).isCloseTo(0, within(1e-5));
    assertThat(Math.sqrt(squares / (2000.0 * 196) - mean * mean)).isCloseTo(1, within(1e-5));
  }

  @Test
  void poolsAsWrittenDown() throws IOException {
    byte[] raw = bundled("test-images-idx3-ubyte");
    float[] pooled = new float[5 + 196];
    Datasets.open("fashion").test().copyImage(7, pooled, 5);
    float[] whole = new float[784];
    Datasets.open("fashion?pool=1&mean=0&std=1").test().copyImage(7, whole, 0);
    for (int y = 0; y < 14; y++) {
      for (int x = 0; x < 14; x++) {
        double mean = 0;
        for (int i = 0; i < 4; i++) {
          int at = (2 * y + i / 2) * 28 + 2 * x + i % 2;
          int value = raw[16 + 7 * 784 + at] & 0xff;
          assertThat(whole[at]).isEqualTo(value / 255f);
          mean += value / 255.0 / 4;
        }
        assertThat((double) pooled[5 + y * 14 + x])
            .isCloseTo((mean - 0.283938) / 0.330826, within(1e-6));
      }
    }
  }

  @Test
  void readsTheSameFromAFolderPlainOrPacked() throws IOException {
    write("train-images-idx3-ubyte", bundled("train-images-idx3-ubyte"));
    write("train-labels-idx1-ubyte.gz", gzip(bundled("train-labels-idx1-ubyte")));
    write("t10k-images-idx3-ubyte.gz", gzip(bundled("test-images-idx3-ubyte")));
    write("t10k-labels-idx1-ubyte", bundled("test-labels-idx1-ubyte"));
    DataSource source = open("");
    DataSource bundled = Datasets.open("fashion");
    assertThat(source.train().contentHash()).isEqualTo(bundled.train().contentHash());
    assertThat(source.test().contentHash()).isEqualTo(bundled.test().contentHash());
    assertThat(open("?pool=1").imageShape()).isEqualTo(Shape.of(1, 28, 28));
    assertThat(open("?pool=1").test().contentHash()).isNotEqualTo(bundled.test().contentHash());
  }

  @Test
  void refusesHeadersThatLie() throws IOException {
    labels("train-labels-idx1-ubyte", 3);
    write("train-images-idx3-ubyte", idx(0x803, 2_000_000_000, 4, 4, new byte[48]));
    assertThatThrownBy(() -> open(""))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("train-images-idx3-ubyte, byte 4")
        .hasMessageContaining("32000000016 bytes in all, but the file has 64");
    write("train-images-idx3-ubyte", gzip(idx(0x803, 2_000_000_000, 4, 4, new byte[48])));
    assertThatThrownBy(() -> open(""))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("can hold");
    write("train-images-idx3-ubyte", idx(0x801, 3, 4, 4, new byte[48]));
    assertThatThrownBy(() -> open(""))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("byte 0: found the magic number 0x00000801, expected 0x00000803");
    write("train-images-idx3-ubyte", idx(0x803, 2, 4, 4, new byte[32]));
    assertThatThrownBy(() -> open(""))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("counts 3 labels")
        .hasMessageContaining("2 images");
    write("train-images-idx3-ubyte", idx(0x803, 3, 3, 5, new byte[45]));
    assertThatThrownBy(() -> open("")).isInstanceOf(BadInput.class).hasMessageContaining("pool");
    assertThat(open("?pool=1").train().size()).isEqualTo(3);
    write("train-images-idx3-ubyte", new byte[] {0, 0, 8});
    assertThatThrownBy(() -> open(""))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("ends at byte 3");
  }

  @Test
  void saysWhereGzipIsDamagedShortOrTooLong() throws IOException {
    labels("train-labels-idx1-ubyte", 100);
    byte[] packed = gzip(idx(0x803, 100, 4, 4, noise(1600)));
    write("train-images-idx3-ubyte.gz", Arrays.copyOf(packed, packed.length - 400));
    assertThatThrownBy(() -> open("").train())
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(
            "train-images-idx3-ubyte.gz is damaged gzip: unpacking stopped after byte");
    byte[] flipped = packed.clone();
    flipped[packed.length - 6] ^= 0x55;
    write("train-images-idx3-ubyte.gz", flipped);
    assertThatThrownBy(() -> open("").train())
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("damaged gzip");
    write("train-images-idx3-ubyte.gz", Arrays.copyOf(packed, 5));
    assertThatThrownBy(() -> open(""))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("damaged gzip at its start");
    write("train-images-idx3-ubyte.gz", gzip(idx(0x803, 100, 4, 4, noise(1590))));
    assertThatThrownBy(() -> open("").train())
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("ends at byte 1606");
    write("train-images-idx3-ubyte.gz", gzip(idx(0x803, 100, 4, 4, new byte[2_000_000])));
    assertThatThrownBy(() -> open("").train())
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("goes on after byte 1616");
  }

  @Test
  void namesWrongLabelsOptionsAndMissingFiles() throws IOException {
    assertThatThrownBy(() -> open(""))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("looked for train-images-idx3-ubyte[.gz]");
    byte[] labels = idx(0x801, 3, 1, 1, new byte[] {0, 1, 12});
    write("t10k-labels-idx1-ubyte", labels);
    assertThatThrownBy(() -> open(""))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("not the images");
    write("t10k-images-idx3-ubyte", idx(0x803, 3, 4, 4, new byte[48]));
    assertThatThrownBy(() -> open("").test())
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("byte 10 (label of record 2): found 12, expected 0 to 9");
    assertThatThrownBy(() -> open("").train()).hasMessageContaining("no train part");
    assertThatThrownBy(() -> open("?pol=1&std=0"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("did you mean 'pool'?");
    assertThatThrownBy(() -> open("?pool=1.5&std=0"))
        .isInstanceOfSatisfying(BadInput.class, bad -> assertThat(bad.problems()).hasSize(2));
    assertThatThrownBy(() -> Datasets.open("fashion:" + folder))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("fashion-mnist:FOLDER");
  }

  @Test
  void answersAnyDamageWithASentence() throws IOException {
    labels("train-labels-idx1-ubyte", 20);
    byte[] plain = idx(0x803, 20, 4, 4, noise(320));
    SplitMix64 random = new SplitMix64(1);
    for (byte[] whole : List.of(plain, gzip(plain))) {
      for (int trial = 0; trial < 1000; trial++) {
        byte[] damaged = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
        for (int i = random.nextInt(4); i > 0; i--) {
          int at =
              random.nextInt(
                  random.nextInt(2) == 0 ? damaged.length : Math.min(20, damaged.length));
          damaged[at] = (byte) random.nextInt(256);
        }
        write("train-images-idx3-ubyte", damaged);
        Throwable answer = catchThrowable(() -> open("").train());
        if (answer != null) {
          assertThat(answer).isInstanceOf(BadInput.class).hasMessageContaining("-idx");
        }
      }
    }
  }

  private DataSource open(String options) {
    return Datasets.open("fashion-mnist:" + folder + options);
  }

  private void write(String name, byte[] bytes) throws IOException {
    Files.write(folder.resolve(name), bytes);
  }

  private void labels(String name, int count) throws IOException {
    write(name, idx(0x801, count, 1, 1, new byte[count]));
  }

  private static byte[] noise(int count) {
    byte[] bytes = new byte[count];
    SplitMix64 random = new SplitMix64(count);
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  private static byte[] idx(int magic, int count, int height, int width, byte[] content) {
    ByteBuffer bytes = ByteBuffer.allocate(16 + content.length).putInt(magic).putInt(count);
    if (height * width > 1) {
      bytes.putInt(height).putInt(width);
    }
    bytes.put(content);
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(out)) {
      packed.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] bundled(String name) throws IOException {
    try (InputStream in = FashionMnist.class.getResourceAsStream("fashion/" + name + ".gz");
        InputStream unpacked = new GZIPInputStream(in)) {
      return unpacked.readAllBytes();
    }
  }
}
