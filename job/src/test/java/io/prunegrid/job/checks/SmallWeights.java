package io.prunegrid.job.checks;

import io.prunegrid.format.Safetensors;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A checkpoint of the small network for the images that ship with the program. */
final class SmallWeights {
  private SmallWeights() {}

  /** Writes it. */
  static Path in(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Safetensors.write(
        file, Procedural.weights(Zoo.build("small-cnn", new NetworkSize(10, 1, 14, 14))));
    return file;
  }
}
