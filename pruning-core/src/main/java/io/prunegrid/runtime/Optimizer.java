package io.prunegrid.runtime;

/** An update rule as torch defines it. */
public sealed interface Optimizer {
  /**
   * Stochastic gradient descent with momentum, weight decay added to the gradient.
   *
   * @param momentum in [0, 1)
   * @param weightDecay at least 0
   */
  record Sgd(double momentum, double weightDecay) implements Optimizer {}

  /**
   * Adam with decoupled weight decay (Loshchilov and Hutter 2019), betas 0.9 and 0.999, eps 1e-8.
   *
   * @param weightDecay at least 0
   */
  record AdamW(double weightDecay) implements Optimizer {}
}
