package io.prunegrid.channel;

/** Which end of a layer a channel is seen from. */
public enum Side {
  /** What the layer writes. */
  OUT,
  /** What a convolution or linear layer reads and mixes. */
  IN
}
