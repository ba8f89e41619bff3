package io.prunegrid.data;

import io.prunegrid.graph.Shape;

/** How the bytes of one record become the numbers that a network sees. */
interface Pixels {
  /** {@code (channel, height, width)} after the rule. */
  Shape shape();

  /** Bytes of one record's image, before the rule. */
  int recordBytes();

  void copy(byte[] record, float[] to, int offset);

  /** The rule in words; part of a data set's content hash. */
  String rule();

  /** {@code (byte / 255 - mean) / std} for each channel, in float, in this order of operations. */
  final class PerChannel implements Pixels {
    private final int side;
    private final float[] means;
    private final float[] deviations;
    private final float[][] table;

    PerChannel(int side, float[] means, float[] deviations) {
      this.side = side;
      this.means = means.clone();
      this.deviations = deviations.clone();
      this.table = new float[means.length][256];
      for (int channel = 0; channel < means.length; channel++) {
        for (int value = 0; value < 256; value++) {
          table[channel][value] = (value / 255f - means[channel]) / deviations[channel];
        }
      }
    }

    @Override
    public Shape shape() {
      return Shape.of(means.length, side, side);
    }

    @Override
    public int recordBytes() {
      return means.length * side * side;
    }

    @Override
    public void copy(byte[] record, float[] to, int offset) {
      int area = side * side;
      for (int channel = 0; channel < means.length; channel++) {
        float[] values = table[channel];
        int end = (channel + 1) * area;
        for (int i = channel * area; i < end; i++) {
          to[offset + i] = values[record[i] & 0xff];
        }
      }
    }

    @Override
    public String rule() {
      StringBuilder rule = new StringBuilder("byte/255");
      for (int channel = 0; channel < means.length; channel++) {
        rule.append(" (-").append(means[channel]).append(")/").append(deviations[channel]);
      }
      return rule.toString();
    }
  }

  /**
   * Grey images: the mean of each {@code pool x pool} block of {@code byte / 255}, minus a mean,
   * divided by a deviation. Blocks are summed as integers, so no order of addition is involved.
   */
  final class PooledGrey implements Pixels {
    private final int height;
    private final int width;
    private final int pool;
    private final double mean;
    private final double deviation;
    private final float[] table;

    /**
     * @param pool divides both sides, and a block has at most 1024 pixels
     */
    PooledGrey(int height, int width, int pool, double mean, double deviation) {
      this.height = height;
      this.width = width;
      this.pool = pool;
      this.mean = mean;
      this.deviation = deviation;
      int most = pool * pool * 255;
      this.table = new float[most + 1];
      for (int sum = 0; sum <= most; sum++) {
        table[sum] = (float) (((double) sum / most - mean) / deviation);
      }
    }

    @Override
    public Shape shape() {
      return Shape.of(1, height / pool, width / pool);
    }

    @Override
    public int recordBytes() {
      return height * width;
    }

    @Override
    public void copy(byte[] record, float[] to, int offset) {
      int at = offset;
      for (int y = 0; y < height; y += pool) {
        for (int x = 0; x < width; x += pool) {
          int sum = 0;
          for (int dy = 0; dy < pool; dy++) {
            int row = (y + dy) * width + x;
            for (int dx = 0; dx < pool; dx++) {
              sum += record[row + dx] & 0xff;
            }
          }
          to[at++] = table[sum];
        }
      }
    }

    @Override
    public String rule() {
      return "byte/255 pooled " + pool + "x" + pool + " (-" + mean + ")/" + deviation;
    }
  }
}
