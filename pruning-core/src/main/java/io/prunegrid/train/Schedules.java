package io.prunegrid.train;

/** Learning rates by epoch, as torch's schedulers give them when stepped once an epoch. */
final class Schedules {
  private Schedules() {}

  /**
   * The learning rate of an epoch: {@code STEP} as {@code StepLR(stepEpochs, gamma)}, {@code
   * COSINE} as {@code CosineAnnealingLR(T_max = epochs)} down to 0.
   *
   * @param epoch from 0
   */
  static double lr(TrainingConfig config, int epoch) {
    return switch (config.schedule()) {
      case CONSTANT -> config.lr();
      case STEP -> {
        int reductions = epoch / config.stepEpochs();
        yield config.lr() * StrictMath.pow(config.gamma(), reductions);
      }
      case COSINE -> config.lr() * (1 + StrictMath.cos(Math.PI * epoch / config.epochs())) / 2;
    };
  }
}
