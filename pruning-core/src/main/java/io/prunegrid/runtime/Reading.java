package io.prunegrid.runtime;

/**
 * One number for each image and channel of a node's output {@code a (n, channel, positions)}, in
 * evaluation mode. {@code g} is the gradient of the image's own cross-entropy loss with respect to
 * {@code a}; images do not see each other, so that batches leave no trace.
 */
public sealed interface Reading {

  /** Whether the loss must be differentiated. */
  default boolean needsGradients() {
    return false;
  }

  /** {@code sum |a|} over the positions. */
  record AbsoluteSum() implements Reading {}

  /** How many positions have {@code a > 0}. */
  record PositiveCount() implements Reading {}

  /** {@code sum a} over the positions. */
  record Sum() implements Reading {}

  /** {@code sum a^2} over the positions. */
  record SquareSum() implements Reading {}

  /**
   * {@code sqrt(sum f(a)^2)} over the positions.
   *
   * @param activation the function {@code f}
   * @param slope of {@link Activation#LEAKY_RELU} below zero; without meaning for others
   */
  record Length(Activation activation, double slope) implements Reading {}

  /** {@code sum g a} over the positions: what scaling the channel does to the loss. */
  record Effect() implements Reading {
    @Override
    public boolean needsGradients() {
      return true;
    }
  }

  /** {@code sum |g|} over the positions. */
  record GradientSize() implements Reading {
    @Override
    public boolean needsGradients() {
      return true;
    }
  }

  /**
   * Relevance for the image's own label, summed over the positions: {@code sum R} or {@code sum
   * |R|}.
   *
   * @param rules how relevance goes through layers
   * @param amount with or without its sign
   */
  record Relevance(RelevanceRules rules, Amount amount) implements Reading {}

  /** Functions that a reading may apply to values first. */
  enum Activation {
    IDENTITY,
    RELU,
    LEAKY_RELU,
    SIGMOID,
    TANH
  }

  /** How positions are summed. */
  enum Amount {
    SIGNED,
    ABSOLUTE
  }
}
