package io.prunegrid.runtime;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;

/** How an optimizer turns a gradient into new parameters, element by element. */
interface UpdateRule {
  /**
   * Changes the parameters in place.
   *
   * @param gradient may be overwritten
   */
  void update(FlatParameters parameters, PtNDArray gradient, double lr);

  static UpdateRule of(Optimizer optimizer, PtNDManager manager, FlatParameters parameters) {
    return optimizer instanceof Optimizer.Sgd sgd
        ? new Sgd(sgd, manager, parameters)
        : new AdamW((Optimizer.AdamW) optimizer, manager, parameters);
  }

  private static PtNDArray zeros(PtNDManager manager, FlatParameters parameters) {
    return (PtNDArray) manager.zeros(parameters.vector().getShape(), DataType.FLOAT32);
  }

  /**
   * Torch's {@code SGD}: {@code g += decay p; buffer = momentum buffer + g; p -= lr buffer}, the
   * buffer without dampening and starting as the first gradient.
   */
  final class Sgd implements UpdateRule {
    private final double momentum;
    private final double decay;
    private final PtNDArray buffer;

    Sgd(Optimizer.Sgd config, PtNDManager manager, FlatParameters parameters) {
      this.momentum = config.momentum();
      this.decay = config.weightDecay();
      this.buffer = momentum == 0 ? null : zeros(manager, parameters);
    }

    @Override
    public void update(FlatParameters parameters, PtNDArray gradient, double lr) {
      PtNDArray vector = parameters.vector();
      if (decay != 0) {
        addScaled(gradient, vector, decay);
      }
      parameters.applyMask(gradient);
      if (buffer == null) {
        addScaled(vector, gradient, -lr);
        return;
      }
      scale(buffer, momentum);
      JniUtils.addi(buffer, gradient);
      addScaled(vector, buffer, -lr);
    }
  }

  /**
   * Torch's {@code AdamW} (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019)
   * with betas 0.9 and 0.999 and eps 1e-8.
   */
  final class AdamW implements UpdateRule {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPS = 1e-8;

    private final double decay;
    private final PtNDArray mean;
    private final PtNDArray square;
    private int steps;

    AdamW(Optimizer.AdamW config, PtNDManager manager, FlatParameters parameters) {
      this.decay = config.weightDecay();
      this.mean = zeros(manager, parameters);
      this.square = zeros(manager, parameters);
    }

    @Override
    public void update(FlatParameters parameters, PtNDArray gradient, double lr) {
      steps++;
      PtNDArray vector = parameters.vector();
      parameters.applyMask(gradient);
      scale(vector, 1 - lr * decay);
      scale(mean, BETA1);
      addScaled(mean, gradient, 1 - BETA1);
      scale(square, BETA2);
      JniUtils.muli(gradient, gradient);
      addScaled(square, gradient, 1 - BETA2);
      double stepSize = lr / (1 - Math.pow(BETA1, steps));
      double correction = Math.sqrt(1 - Math.pow(BETA2, steps));
      try (PtNDArray denominator = JniUtils.sqrt(square);
          PtNDArray eps = Staging.scalar(square.getManager(), EPS)) {
        scale(denominator, 1 / correction);
        JniUtils.addi(denominator, eps);
        try (PtNDArray change = JniUtils.div(mean, denominator)) {
          addScaled(vector, change, -stepSize);
        }
      }
    }
  }

  private static void scale(PtNDArray values, double factor) {
    try (PtNDArray scalar = Staging.scalar(values.getManager(), factor)) {
      JniUtils.muli(values, scalar);
    }
  }

  private static void addScaled(PtNDArray target, PtNDArray values, double factor) {
    try (PtNDArray scalar = Staging.scalar(values.getManager(), factor);
        PtNDArray scaled = JniUtils.mul(values, scalar)) {
      JniUtils.addi(target, scaled);
    }
  }
}
