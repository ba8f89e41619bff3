package io.prunegrid.graph;

/** What convolutions and transposed ones have in common: how groups of channels are filtered. */
public sealed interface Convolution permits Op.Conv2d, SpatialOp.ConvTranspose2d {
  /** Channels that it reads. */
  int in();

  /** Channels that it makes. */
  int out();

  /** Parts of equal size that the channels are in; each part reads its own alone. */
  int groups();

  /**
   * One input channel and a fixed number of output channels a group: each channel is filtered by
   * itself.
   */
  default boolean isDepthwise() {
    return groups() > 1 && groups() == in();
  }

  /** Output channels for each input channel of a depthwise one. */
  default int multiplier() {
    return out() / in();
  }

  /**
   * Checks numbers of channels.
   *
   * @throws IllegalArgumentException where they cannot be grouped so
   */
  static void requireGroups(int in, int out, int groups) {
    if (in < 1 || out < 1 || groups < 1 || in % groups != 0 || out % groups != 0) {
      throw new IllegalArgumentException(
          "convolution of " + in + " to " + out + " channels cannot have " + groups + " groups");
    }
  }
}
