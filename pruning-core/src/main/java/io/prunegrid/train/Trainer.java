package io.prunegrid.train;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Interruption;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Tensor;
import io.prunegrid.measure.Evaluator;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.TrainingMasks;
import io.prunegrid.runtime.TrainingSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Trains a model on images. Every epoch visits all images once, in an order and with an
 * augmentation drawn from the seed; equal arguments give equal weights, bit for bit, on one thread.
 *
 * <p>With a validation part training stops once {@code patience} epochs in a row were no better
 * than the best before them, and in any case the best epoch's weights are the result.
 */
public final class Trainer {
  /** Tells nobody. */
  public static final Progress SILENT = (epoch, epochs, images, of) -> {};

  private final TrainingConfig config;
  private final Samples train;
  private final long seed;
  private final Progress progress;
  private final int length;
  private final float[] images;
  private final int[] labels;

  private Trainer(TrainingConfig config, Samples train, long seed, Progress progress) {
    this.config = config;
    this.train = train;
    this.seed = seed;
    this.progress = progress;
    this.length = Math.toIntExact(train.imageShape().size());
    // one more, because a lone last image joins the batch before it
    int capacity = Math.min(config.batch() + 1, train.size());
    this.images = new float[Math.multiplyExact(capacity, length)];
    this.labels = new int[capacity];
  }

  /**
   * Trains a model.
   *
   * @param samples images with targets among the model's outputs; {@code config.samples()} takes
   *     the first of them, {@code config.validation()} holds a share of these out
   * @param masks by parameter name: weights that are zero and stay zero
   * @param seed of the order, the augmentation, dropout and the validation part
   * @throws BadInput when the training or the validation part is left without an image
   * @throws DivergedException when the loss or a weight is no finite number any more
   * @throws java.util.concurrent.CancellationException when the thread is interrupted
   */
  public static TrainingResult train(
      Engine engine,
      Model model,
      Samples samples,
      TrainingConfig config,
      Map<String, Tensor> masks,
      long seed,
      Progress progress) {
    return train(engine, model, samples, config, TrainingMasks.of(masks), seed, progress);
  }

  /** The same with everything that masks can say. */
  public static TrainingResult train(
      Engine engine,
      Model model,
      Samples samples,
      TrainingConfig config,
      TrainingMasks masks,
      long seed,
      Progress progress) {
    if (config.epochs() == 0) {
      return new TrainingResult(model, List.of(), 0, 0);
    }
    Samples used = config.samples() > 0 ? samples.first(config.samples()) : samples;
    Samples.Split split =
        config.validation() > 0
            ? used.split(config.validation(), seed)
            : new Samples.Split(used, null);
    if (split.train().isEmpty() || (split.validation() != null && split.validation().isEmpty())) {
      throw new BadInput(
          "validation = "
              + config.validation()
              + " of "
              + used.size()
              + " training images leaves no image "
              + (split.train().isEmpty() ? "to train on" : "to validate with"));
    }
    Trainer trainer = new Trainer(config, split.train(), seed, progress);
    try (TrainingSession session =
        engine.training(
            model, config.updateRule(), masks, SplitMix64.stream(seed, "dropout").nextLong())) {
      return trainer.run(engine, session, split.validation());
    }
  }

  private TrainingResult run(Engine engine, TrainingSession session, Samples validation) {
    List<EpochRecord> records = new ArrayList<>();
    Model best = null;
    int bestEpoch = 0;
    double bestPercent = Double.NEGATIVE_INFINITY;
    for (int epoch = 1; epoch <= config.epochs(); epoch++) {
      long start = System.nanoTime();
      double lr = Schedules.lr(config, epoch - 1);
      double loss = epoch(session, epoch, lr);
      OptionalDouble percent = OptionalDouble.empty();
      if (validation != null) {
        Model now = finite(session.model(), epoch);
        percent = OptionalDouble.of(Evaluator.evaluate(engine, now, validation).top1Percent());
        if (percent.getAsDouble() > bestPercent) {
          bestPercent = percent.getAsDouble();
          best = now;
          bestEpoch = epoch;
        }
      }
      records.add(new EpochRecord(epoch, lr, loss, percent, (System.nanoTime() - start) / 1e9));
      if (validation != null && config.patience() > 0 && epoch - bestEpoch >= config.patience()) {
        break;
      }
    }
    if (validation == null) {
      bestEpoch = records.size();
      best = finite(session.model(), bestEpoch);
    }
    return new TrainingResult(best, records, bestEpoch, (long) records.size() * train.size());
  }

  private double epoch(TrainingSession session, int epoch, double lr) {
    int[] order = IntStream.range(0, train.size()).toArray();
    SplitMix64.stream(seed, "order/" + epoch).shuffle(order);
    Augmentation augmentation =
        new Augmentation(
            config, train.imageShape(), SplitMix64.stream(seed, "augmentation/" + epoch));
    double sum = 0;
    for (int first = 0; first < order.length; ) {
      Interruption.check("training");
      int left = order.length - first;
      // batch statistics of a single value do not exist, so no image is left alone
      int n =
          left == config.batch() + 1 && config.batch() > 1 ? left : Math.min(config.batch(), left);
      for (int i = 0; i < n; i++) {
        int sample = order[first + i];
        train.copyImage(sample, images, i * length);
        augmentation.apply(images, i * length);
        labels[i] = train.label(sample);
      }
      double loss = session.step(images, n, labels, lr);
      if (!Double.isFinite(loss)) {
        throw new DivergedException("the loss is " + loss, epoch);
      }
      sum += loss * n;
      first += n;
      progress.step(epoch, config.epochs(), first, order.length);
    }
    return sum / order.length;
  }

  private static Model finite(Model model, int epoch) {
    model
        .weights()
        .asMap()
        .forEach(
            (name, tensor) -> {
              for (int i = 0; i < tensor.size(); i++) {
                if (!Float.isFinite(tensor.at(i))) {
                  throw new DivergedException(name + " holds " + tensor.at(i), epoch);
                }
              }
            });
    return model;
  }
}
