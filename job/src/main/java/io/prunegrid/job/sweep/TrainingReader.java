package io.prunegrid.job.sweep;

import io.prunegrid.train.TrainingConfig;
import java.util.Optional;

/** Reads the keys of {@code train} and {@code retrain}. Problems are noted, not thrown. */
final class TrainingReader {
  private TrainingReader() {}

  static TrainingConfig training(Block grid, String key) {
    Optional<Block> block = grid.inner(key);
    for (Block given = block.orElse(null); given != null; given = given.around().orElse(null)) {
      given.refuseUnknown(SweepKeys.names(SweepKeys.TRAINING).toList());
    }
    if (block.isEmpty()) {
      return TrainingConfig.defaults();
    }
    Block keys = block.get();
    return new TrainingConfig(
        keys.read(SweepKeys.EPOCHS),
        keys.read(SweepKeys.OPTIMIZER),
        keys.read(SweepKeys.LEARNING_RATE).doubleValue(),
        keys.read(SweepKeys.MOMENTUM).doubleValue(),
        keys.read(SweepKeys.WEIGHT_DECAY).doubleValue(),
        keys.read(SweepKeys.BATCH),
        keys.read(SweepKeys.SCHEDULE),
        keys.read(SweepKeys.STEP_EPOCHS),
        keys.read(SweepKeys.GAMMA).doubleValue(),
        keys.read(SweepKeys.FLIP),
        keys.read(SweepKeys.CROP),
        keys.read(SweepKeys.VALIDATION).doubleValue(),
        keys.read(SweepKeys.PATIENCE),
        keys.read(SweepKeys.TRAINING_SAMPLES));
  }
}
