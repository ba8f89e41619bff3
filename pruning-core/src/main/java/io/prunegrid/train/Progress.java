package io.prunegrid.train;

/** Hears how far training is. */
@FunctionalInterface
public interface Progress {
  /**
   * Called after every step, on the training thread.
   *
   * @param epoch from 1
   * @param epochs how many will be run at most
   * @param images of this epoch that have taken part in a step
   * @param of images an epoch has
   */
  void step(int epoch, int epochs, int images, int of);
}
