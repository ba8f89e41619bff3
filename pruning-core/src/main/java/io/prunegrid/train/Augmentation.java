package io.prunegrid.train;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.Shape;

/** Mirrors and shifts images in place, drawing from one stream in the order of the images. */
final class Augmentation {
  private final boolean flip;
  private final int crop;
  private final int channels;
  private final int height;
  private final int width;
  private final SplitMix64 random;
  private final float[] scratch;

  Augmentation(TrainingConfig config, Shape image, SplitMix64 random) {
    this.flip = config.flip();
    this.crop = config.crop();
    this.channels = image.dim(0);
    this.height = image.dim(1);
    this.width = image.dim(2);
    this.random = random;
    this.scratch = new float[height * width];
  }

  /** Changes the image whose first value is at {@code offset}. */
  void apply(float[] images, int offset) {
    boolean mirrored = flip && random.nextInt(2) == 1;
    int down = crop > 0 ? random.nextInt(2 * crop + 1) - crop : 0;
    int right = crop > 0 ? random.nextInt(2 * crop + 1) - crop : 0;
    if (!mirrored && down == 0 && right == 0) {
      return;
    }
    for (int c = 0; c < channels; c++) {
      int plane = offset + c * height * width;
      System.arraycopy(images, plane, scratch, 0, scratch.length);
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          images[plane + y * width + x] = source(y + down, x + right, mirrored);
        }
      }
    }
  }

  private float source(int y, int x, boolean mirrored) {
    if (y < 0 || y >= height || x < 0 || x >= width) {
      return 0;
    }
    return scratch[y * width + (mirrored ? width - 1 - x : x)];
  }
}
