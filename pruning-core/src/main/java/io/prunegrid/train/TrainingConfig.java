package io.prunegrid.train;

import java.io.Serializable;
import java.util.Locale;

/**
 * How a network is trained from scratch or retrained after removal. The defaults of {@link
 * #defaults()} stand for keys that a sweep leaves out.
 *
 * @param epochs passes over the training images; 0 trains nothing
 * @param optimizer the update rule, as torch defines it
 * @param lr learning rate of the first step, positive
 * @param momentum of SGD, in [0, 1); AdamW ignores it (its betas are torch's 0.9 and 0.999)
 * @param weightDecay coupled for SGD, decoupled for AdamW, as torch does; at least 0
 * @param batch images a step; the last batch of an epoch may be smaller, and where it would be a
 *     single image that image joins the batch before it
 * @param schedule how the learning rate changes from epoch to epoch
 * @param stepEpochs epochs between two reductions by {@code gamma}, for {@link Schedule#STEP}
 * @param gamma factor of a reduction
 * @param flip whether images are mirrored left to right with probability 1/2
 * @param crop pixels of zero padding from which a window of the image's size is cut at random; 0
 *     for none
 * @param validation share of the training images held out, stratified by class, in [0, 1); 0 for
 *     none
 * @param patience epochs without a better validation accuracy after which training stops; 0 never
 *     stops early
 * @param samples train on the first so many images of the subset in file order; 0 for all
 */
public record TrainingConfig(
    int epochs,
    Optimizer optimizer,
    double lr,
    double momentum,
    double weightDecay,
    int batch,
    Schedule schedule,
    int stepEpochs,
    double gamma,
    boolean flip,
    int crop,
    double validation,
    int patience,
    int samples)
    implements Serializable {

  /**
   * SGD, lr 0.01, momentum 0.9, weight decay 5e-4, batches of 128, constant, no augmentation, no
   * validation part.
   */
  public static TrainingConfig defaults() {
    return new TrainingConfig(
        0, Optimizer.SGD, 0.01, 0.9, 5e-4, 128, Schedule.CONSTANT, 30, 0.1, false, 0, 0, 0, 0);
  }

  /** The update rule with its settings. */
  public io.prunegrid.runtime.Optimizer updateRule() {
    return switch (optimizer) {
      case SGD -> new io.prunegrid.runtime.Optimizer.Sgd(momentum, weightDecay);
      case ADAMW -> new io.prunegrid.runtime.Optimizer.AdamW(weightDecay);
    };
  }

  /** The update rule. */
  public enum Optimizer {
    SGD,
    ADAMW;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How the learning rate changes from epoch to epoch. */
  public enum Schedule {
    CONSTANT,
    STEP,
    COSINE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
