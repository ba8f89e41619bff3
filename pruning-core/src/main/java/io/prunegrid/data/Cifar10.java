package io.prunegrid.data;

import io.prunegrid.common.BadInput;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * CIFAR-10 (Krizhevsky 2009) in its binary form: records of one label byte and 3,072 pixel bytes,
 * red, green and blue planes of 32x32, row-major. A file may hold any number of records and a
 * folder any of the five training batches. Pixels become {@code (byte / 255 - mean) / std} with the
 * ImageNet constants, in float, as the published ResNets were trained.
 */
final class Cifar10 {
  private static final int SIDE = 32;
  private static final int IMAGE_BYTES = 3 * SIDE * SIDE;
  private static final int RECORD_BYTES = 1 + IMAGE_BYTES;
  private static final long LONGEST_META = 1 << 16;
  private static final Pixels PIXELS =
      new Pixels.PerChannel(
          SIDE, new float[] {.485f, .456f, .406f}, new float[] {.229f, .224f, .225f});
  private static final List<String> CLASS_NAMES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private Cifar10() {}

  /** What batches look like wherever they are. */
  static Datasets.Look look(DataSpec spec) {
    spec.allowOptions(List.of());
    return new Datasets.Look(CLASS_NAMES, PIXELS.shape());
  }

  static DataSource open(DataSpec spec) {
    spec.allowOptions(List.of());
    Path folder = spec.existingFolder();
    List<Path> train = new ArrayList<>();
    for (int batch = 1; batch <= 5; batch++) {
      addIfPresent(train, folder.resolve("data_batch_" + batch + ".bin"));
    }
    List<Path> test = new ArrayList<>();
    addIfPresent(test, folder.resolve("test_batch.bin"));
    if (train.isEmpty() && test.isEmpty()) {
      throw new BadInput(
          "data '"
              + spec.text()
              + "': "
              + folder
              + " holds no CIFAR-10 batch; looked for data_batch_1.bin to data_batch_5.bin and"
              + " test_batch.bin");
    }
    List<String> problems = new ArrayList<>();
    train.forEach(file -> checkSize(file, problems));
    test.forEach(file -> checkSize(file, problems));
    List<String> names = classNames(folder.resolve("batches.meta.txt"), problems);
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    List<Path> files = new ArrayList<>(train);
    files.addAll(test);
    return new LazySource(
        spec.text(),
        PIXELS.shape(),
        names,
        files,
        part -> read(spec, part, folder, part == Part.TRAIN ? train : test, names));
  }

  private static void addIfPresent(List<Path> files, Path file) {
    if (Files.exists(file)) {
      files.add(file);
    }
  }

  private static void checkSize(Path file, List<String> problems) {
    if (!Files.isRegularFile(file)) {
      problems.add(file + " is not a regular file");
      return;
    }
    long size = size(file);
    long records = size / RECORD_BYTES;
    if (size == 0) {
      problems.add(file + " is empty: expected records of " + RECORD_BYTES + " bytes");
    } else if (size % RECORD_BYTES != 0) {
      problems.add(
          file
              + " ends at byte "
              + size
              + " inside record "
              + records
              + ", which starts at byte "
              + records * RECORD_BYTES
              + ": expected records of "
              + RECORD_BYTES
              + " bytes");
    } else if (records > Integer.MAX_VALUE - 8) {
      problems.add(file + " holds " + records + " records, more than fit into memory");
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static BadInput unreadable(Path file, IOException e) {
    return new BadInput(file + " cannot be read: " + e, e);
  }

  private static List<String> classNames(Path meta, List<String> problems) {
    if (!Files.isRegularFile(meta)) {
      return CLASS_NAMES;
    }
    if (size(meta) > LONGEST_META) {
      problems.add(meta + " is longer than " + LONGEST_META + " bytes: expected 10 class names");
      return CLASS_NAMES;
    }
    List<String> names;
    try {
      names =
          new String(Files.readAllBytes(meta), StandardCharsets.UTF_8)
              .lines()
              .map(String::strip)
              .filter(line -> !line.isEmpty())
              .toList();
    } catch (IOException e) {
      throw unreadable(meta, e);
    }
    if (names.size() != CLASS_NAMES.size() || new HashSet<>(names).size() != names.size()) {
      problems.add(
          meta + " holds " + names.size() + " class names: expected 10 different ones, one a line");
    }
    return names;
  }

  private static Dataset read(
      DataSpec spec, Part part, Path folder, List<Path> files, List<String> names) {
    if (files.isEmpty()) {
      throw new BadInput(
          "data '"
              + spec.text()
              + "' has no "
              + part
              + " part: looked for "
              + (part == Part.TRAIN ? "data_batch_1.bin to data_batch_5.bin" : "test_batch.bin")
              + " in "
              + folder);
    }
    List<byte[]> images = new ArrayList<>();
    List<Byte> labels = new ArrayList<>();
    for (Path file : files) {
      readBatch(file, images, labels);
    }
    byte[] labelBytes = new byte[labels.size()];
    for (int i = 0; i < labelBytes.length; i++) {
      labelBytes[i] = labels.get(i);
    }
    return new Records(
        spec.text() + " " + part, names, PIXELS, images.toArray(byte[][]::new), labelBytes);
  }

  private static void readBatch(Path file, List<byte[]> images, List<Byte> labels) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      long record = 0;
      for (int label = in.read(); label >= 0; label = in.read()) {
        if (label >= CLASS_NAMES.size()) {
          throw new BadInput(
              file
                  + ", byte "
                  + record * RECORD_BYTES
                  + " (label of record "
                  + record
                  + "): found "
                  + label
                  + ", expected 0 to 9");
        }
        byte[] image = in.readNBytes(IMAGE_BYTES);
        if (image.length < IMAGE_BYTES) {
          throw new BadInput(
              file
                  + " ends at byte "
                  + (record * RECORD_BYTES + 1 + image.length)
                  + " inside record "
                  + record
                  + ": expected records of "
                  + RECORD_BYTES
                  + " bytes");
        }
        labels.add((byte) label);
        images.add(image);
        record++;
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }
}
