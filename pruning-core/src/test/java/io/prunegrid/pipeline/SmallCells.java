package io.prunegrid.pipeline;

import io.prunegrid.channel.Limits;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.Sha256;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.runtime.Engine;
import io.prunegrid.train.TrainingConfig;
import io.prunegrid.train.TrainingConfig.Optimizer;
import io.prunegrid.train.TrainingConfig.Schedule;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/** Cells of the small network on the fashion set that ships with the project. */
final class SmallCells {
  private SmallCells() {}

  static CellRunner runner(Engine engine, Artifacts store) {
    Inputs inputs = new Inputs();
    return new CellRunner(engine, inputs, new SharedWork(engine, inputs, store));
  }

  /** A cell that trains its base for one epoch on 600 images, scores on 40, retrains on 128. */
  static CellConfig cell(
      MethodConfig method, double ratio, SelectionConfig selection, int retrainEpochs) {
    return new CellConfig(
        new ModelConfig("small-cnn", Optional.empty(), OptionalInt.empty(), OptionalInt.empty()),
        training(1, 0.05, 600),
        "fashion",
        SubsetConfig.ALL,
        Head.FULL,
        method,
        selection,
        ratio,
        training(retrainEpochs, 0.02, 128),
        7);
  }

  /** The same cell on another subset of classes. */
  static CellConfig on(SubsetConfig subset, CellConfig cell) {
    return new CellConfig(
        cell.model(),
        cell.training(),
        cell.data(),
        subset,
        cell.head(),
        cell.method(),
        cell.selection(),
        cell.ratio(),
        cell.retrain(),
        cell.seed());
  }

  static MethodConfig method(String name, int samples, Map<String, String> parameters) {
    return new MethodConfig(name, Criteria.named(name).resolve(parameters), samples, 0);
  }

  static SelectionConfig selection(Limits limits) {
    return SelectionConfig.defaults().with(limits);
  }

  static Limits steps(int steps, Limits.Between between) {
    Limits none = Limits.NONE;
    return new Limits(
        none.ratios(),
        none.caps(),
        0,
        none.layers(),
        none.zeroParts(),
        none.target(),
        steps,
        between,
        Limits.ALL_LAYERS);
  }

  private static TrainingConfig training(int epochs, double lr, int samples) {
    return new TrainingConfig(
        epochs,
        Optimizer.SGD,
        lr,
        0.9,
        5e-4,
        32,
        Schedule.CONSTANT,
        30,
        0.1,
        false,
        0,
        0,
        0,
        samples);
  }

  /** A store that lasts as long as its test. */
  static final class MemoryArtifacts implements Artifacts {
    private final Map<String, Artifact> kept = new ConcurrentHashMap<>();

    @Override
    public Optional<Artifact> find(String key) {
      return Optional.ofNullable(kept.get(key));
    }

    @Override
    public Artifact publish(String key, byte[] bytes) {
      kept.putIfAbsent(key, new Artifact(Sha256.of(bytes), bytes));
      return kept.get(key);
    }
  }
}
