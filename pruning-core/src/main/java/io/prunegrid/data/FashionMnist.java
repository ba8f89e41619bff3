package io.prunegrid.data;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747): grey images of clothes in IDX
 * files, bundled ({@code fashion}) or in a folder ({@code fashion-mnist:FOLDER}).
 */
final class FashionMnist {
  private static final int SIDE = 28;
  private static final int POOL = 2;
  // mean and standard deviation of the 2,000 bundled training images, pooled
  private static final double MEAN = 0.283938;
  private static final double DEVIATION = 0.330826;
  private static final int LARGEST_POOL = 32;
  private static final List<String> OPTIONS = List.of("mean", "pool", "std");
  private static final List<String> CLASS_NAMES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  private FashionMnist() {}

  /** The files of one part. */
  private record PartFiles(IdxFile images, IdxFile labels) {}

  static DataSource openBundled(DataSpec spec) {
    if (!spec.folder().isEmpty()) {
      throw new BadInput(
          "data '"
              + spec.text()
              + "': fashion ships with the program and takes no folder; for files of your own write"
              + " fashion-mnist:FOLDER");
    }
    Map<Part, PartFiles> parts = new EnumMap<>(Part.class);
    for (Part part : Part.values()) {
      parts.put(
          part,
          new PartFiles(
              bundled(part + "-images-idx3-ubyte.gz"), bundled(part + "-labels-idx1-ubyte.gz")));
    }
    return open(spec, parts, List.of(), "the program's own files");
  }

  private static IdxFile bundled(String name) {
    try (InputStream in = FashionMnist.class.getResourceAsStream("fashion/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the program lacks its resource fashion/" + name);
      }
      byte[] stored = in.readAllBytes();
      return new IdxFile("fashion/" + name, stored.length, () -> new ByteArrayInputStream(stored));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static DataSource openFolder(DataSpec spec) {
    Path folder = spec.existingFolder();
    Map<Part, PartFiles> parts = new EnumMap<>(Part.class);
    List<String> problems = new ArrayList<>();
    for (Part part : Part.values()) {
      // the published names say t10k for the test part
      String prefix = part == Part.TRAIN ? "train" : "t10k";
      Optional<IdxFile> images = find(folder, prefix, part, "-images-idx3-ubyte");
      Optional<IdxFile> labels = find(folder, prefix, part, "-labels-idx1-ubyte");
      if (images.isPresent() && labels.isPresent()) {
        parts.put(part, new PartFiles(images.get(), labels.get()));
      } else if (images.isPresent() || labels.isPresent()) {
        problems.add(
            "data '"
                + spec.text()
                + "': "
                + folder
                + " has the "
                + (images.isPresent() ? "images" : "labels")
                + " of its "
                + part
                + " part but not the "
                + (images.isPresent() ? "labels" : "images")
                + "; looked for "
                + wanted(part, images.isPresent() ? "-labels-idx1-ubyte" : "-images-idx3-ubyte"));
      }
    }
    if (parts.isEmpty() && problems.isEmpty()) {
      problems.add(
          "data '"
              + spec.text()
              + "': "
              + folder
              + " holds no IDX files; looked for "
              + wanted(Part.TRAIN, "-images-idx3-ubyte")
              + ", "
              + wanted(Part.TEST, "-images-idx3-ubyte")
              + " and the labels beside them");
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    List<Path> files =
        parts.values().stream()
            .flatMap(part -> Stream.of(part.images(), part.labels()))
            .map(file -> Path.of(file.name()))
            .toList();
    return open(spec, parts, files, folder.toString());
  }

  private static String wanted(Part part, String suffix) {
    return part == Part.TRAIN
        ? "train" + suffix + "[.gz]"
        : "t10k" + suffix + "[.gz] or test" + suffix + "[.gz]";
  }

  private static Optional<IdxFile> find(Path folder, String prefix, Part part, String suffix) {
    for (String name : List.of(prefix + suffix, part + suffix)) {
      for (String ending : List.of("", ".gz")) {
        Path file = folder.resolve(name + ending);
        if (Files.isRegularFile(file)) {
          try {
            return Optional.of(
                new IdxFile(file.toString(), Files.size(file), () -> Files.newInputStream(file)));
          } catch (IOException e) {
            throw new BadInput(file + " cannot be read: " + e, e);
          }
        }
      }
    }
    return Optional.empty();
  }

  /** What the published images look like wherever they are. */
  static Datasets.Look look(DataSpec spec) {
    spec.allowOptions(OPTIONS);
    List<String> problems = new ArrayList<>();
    int pool = (int) number(spec, "pool", POOL, problems);
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    return new Datasets.Look(CLASS_NAMES, Shape.of(1, SIDE / pool, SIDE / pool));
  }

  private static DataSource open(
      DataSpec spec, Map<Part, PartFiles> parts, List<Path> paths, String place) {
    spec.allowOptions(OPTIONS);
    List<String> problems = new ArrayList<>();
    int pool = (int) number(spec, "pool", POOL, problems);
    double mean = number(spec, "mean", MEAN, problems);
    double deviation = number(spec, "std", DEVIATION, problems);
    IdxFile.Header first = null;
    for (PartFiles files : parts.values()) {
      IdxFile.Header images = files.images().header(3);
      IdxFile.Header labels = files.labels().header(1);
      if (images.records() != labels.records()) {
        problems.add(
            files.labels().name()
                + " counts "
                + labels.records()
                + " labels, but "
                + files.images().name()
                + " "
                + images.records()
                + " images");
      }
      if (images.height() % pool != 0 || images.width() % pool != 0) {
        problems.add(
            files.images().name()
                + " holds images of "
                + images.height()
                + "x"
                + images.width()
                + " pixels, which blocks of "
                + pool
                + "x"
                + pool
                + " do not fill; set the option pool, for instance ?pool=1");
      }
      if (first == null) {
        first = images;
      } else if (images.height() != first.height() || images.width() != first.width()) {
        problems.add(
            files.images().name()
                + " holds images of "
                + images.height()
                + "x"
                + images.width()
                + " pixels, but the training part of "
                + first.height()
                + "x"
                + first.width());
      }
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    Pixels pixels = new Pixels.PooledGrey(first.height(), first.width(), pool, mean, deviation);
    return new LazySource(
        spec.text(),
        pixels.shape(),
        CLASS_NAMES,
        paths,
        part -> read(spec, part, parts, place, pixels));
  }

  private static Dataset read(
      DataSpec spec, Part part, Map<Part, PartFiles> parts, String place, Pixels pixels) {
    PartFiles files = parts.get(part);
    if (files == null) {
      throw new BadInput(
          "data '"
              + spec.text()
              + "' has no "
              + part
              + " part: looked for "
              + wanted(part, "-images-idx3-ubyte")
              + " in "
              + place);
    }
    byte[] labels = files.labels().labels();
    for (int i = 0; i < labels.length; i++) {
      if ((labels[i] & 0xff) >= CLASS_NAMES.size()) {
        throw new BadInput(
            files.labels().name()
                + ", byte "
                + (8 + i)
                + " (label of record "
                + i
                + "): found "
                + (labels[i] & 0xff)
                + ", expected 0 to "
                + (CLASS_NAMES.size() - 1));
      }
    }
    byte[][] images = files.images().images();
    return new Records(spec.text() + " " + part, CLASS_NAMES, pixels, images, labels);
  }

  private static double number(
      DataSpec spec, String option, double whenAbsent, List<String> problems) {
    String text = spec.options().get(option);
    if (text == null) {
      return whenAbsent;
    }
    String allowed =
        switch (option) {
          case "pool" -> "a whole number from 1 to " + LARGEST_POOL;
          case "std" -> "a positive number";
          default -> "a number";
        };
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    boolean fits =
        switch (option) {
          case "pool" -> value >= 1 && value <= LARGEST_POOL && value == Math.rint(value);
          case "std" -> value > 0 && Double.isFinite(value);
          default -> Double.isFinite(value);
        };
    if (!fits) {
      problems.add(
          "data '" + spec.text() + "': option " + option + " is " + text + ", allowed: " + allowed);
      return whenAbsent;
    }
    return value;
  }
}
