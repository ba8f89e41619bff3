package io.prunegrid.runtime;

import java.util.Optional;

/**
 * How layer-wise relevance propagation sends relevance from a layer's output to its input (Bach et
 * al. 2015; Montavon et al. 2019).
 *
 * @param convolutions rule of convolutions
 * @param linear rule of linear layers
 * @param pixels rule of layers that read the network's input, where it is another one; it decides
 *     what pixels get and nothing else
 * @param start what the output begins with
 */
public record RelevanceRules(Rule convolutions, Rule linear, Optional<Rule> pixels, Start start) {

  /** How an output's relevance is shared among the inputs {@code x_i} with weights {@code w_i}. */
  public sealed interface Rule {}

  /**
   * In proportion to the positive parts of {@code x_i w_i}: {@code x+ w+} and {@code x- w-}. Biases
   * take nothing.
   *
   * @param stabilizer added to the sum where it is zero, above 0
   */
  public record ZPlus(double stabilizer) implements Rule {}

  /**
   * In proportion to {@code x_i w_i}, the bias taking its share: {@code R / (z + epsilon sign z)}.
   *
   * @param epsilon above 0
   */
  public record Epsilon(double epsilon) implements Rule {}

  /**
   * {@code alpha} in proportion to the positive parts less {@code beta = alpha - 1} in proportion
   * to the negative ones.
   *
   * @param alpha at least 1
   */
  public record AlphaBeta(double alpha) implements Rule {}

  /**
   * For pixels within {@code [low, high]}: in proportion to {@code x_i w_i - low w_i+ - high w_i-}
   * (Montavon et al. 2017, the {@code z^B} rule).
   */
  public record Box(double low, double high) implements Rule {}

  /** What relevance the label's output begins with; all others begin with none. */
  public enum Start {
    /** 1, so that images count alike. */
    ONE,
    /** Its logit, which may be negative. */
    LOGIT
  }
}
