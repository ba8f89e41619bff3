package io.prunegrid.channel;

import io.prunegrid.graph.TokenOp.MultiHeadAttention;
import java.util.Locale;

/** What goes of multi-head attention at once. */
public enum AttentionUnit {
  /** The same position of every head: as many heads stay, each of them narrower. */
  POSITIONS,
  /**
   * A whole head: fewer stay, each as wide as it was and under the same scale (Michel, Levy,
   * Neubig, Are Sixteen Heads Really Better than One?, NeurIPS 2019).
   */
  HEADS;

  /** What the channels that are left must be a multiple of. */
  int multiple(MultiHeadAttention attention) {
    return this == POSITIONS ? attention.heads() : headWidth(attention);
  }

  /** The same attention over fewer channels, a {@link #multiple}. */
  MultiHeadAttention smaller(MultiHeadAttention attention, int width) {
    int heads = this == POSITIONS ? attention.heads() : width / headWidth(attention);
    return new MultiHeadAttention(width, heads, attention.bias());
  }

  private static int headWidth(MultiHeadAttention attention) {
    return attention.width() / attention.heads();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
