package io.prunegrid.testing;

import io.prunegrid.common.Sha256;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.data.Dataset;
import io.prunegrid.graph.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Seeded noise with labels in turn 0, 1, ..., k-1, 0, ...; image {@code i} is a function of the
 * seed and {@code i} alone.
 */
public record SyntheticDataset(Shape imageShape, int size, int classes, long seed)
    implements Dataset {
  @Override
  public String spec() {
    return "synthetic";
  }

  @Override
  public List<String> classNames() {
    return IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
  }

  @Override
  public int label(int index) {
    return index % classes;
  }

  @Override
  public void copyImage(int index, float[] to, int offset) {
    SplitMix64 random = SplitMix64.stream(seed, "image " + index);
    for (int i = 0; i < imageShape.size(); i++) {
      to[offset + i] = (float) random.nextGaussian();
    }
  }

  @Override
  public String contentHash() {
    return Sha256.of(imageShape + " " + size + " " + classes + " " + seed);
  }
}
