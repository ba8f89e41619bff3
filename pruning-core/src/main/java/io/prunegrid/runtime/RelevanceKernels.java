package io.prunegrid.runtime;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.UnaryOperator;

/** Quotients and transposed operators, which shares of relevance are made of. */
final class RelevanceKernels {
  private RelevanceKernels() {}

  /** Relevance where nothing in the sum {@code z} could take it. */
  static PtNDArray whereZero(PtNDArray relevance, PtNDArray z) {
    try (PtNDArray zero = Staging.scalar(z.getManager(), 0);
        PtNDArray isZero = JniUtils.eq(z, zero);
        PtNDArray flag = JniUtils.to(isZero, z.getDataType(), z.getDevice())) {
      return JniUtils.mul(relevance, flag);
    }
  }

  static boolean isNothing(PtNDArray relevance) {
    try (PtNDArray sizes = JniUtils.abs(relevance);
        PtNDArray sum = JniUtils.sum(sizes)) {
      return sum.toFloatArray()[0] == 0;
    }
  }

  /** Relevance shared as if all inputs were 1; the function is linear and has no bias. */
  static PtNDArray even(PtNDArray x, PtNDArray relevance, UnaryOperator<PtNDArray> function) {
    try (PtNDArray ones = filled(x.getManager(), 1, x.getShape().getShape())) {
      return transposed(ones, function, z -> divided(relevance, z, 1e-12));
    }
  }

  static PtNDArray added(PtNDArray a, PtNDArray b) {
    try (a;
        b) {
      return JniUtils.add(a, b);
    }
  }

  static PtNDArray copy(PtNDArray relevance) {
    return JniUtils.reshape(relevance, relevance.getShape().getShape());
  }

  static PtNDArray like(PtNDArray x, PtNDArray relevance) {
    return JniUtils.reshape(relevance, x.getShape().getShape());
  }

  static PtNDArray part(PtNDArray relevance, int axis, long from, long to) {
    return JniUtils.slice(relevance, axis, from, to, 1);
  }

  /**
   * {@code factor R / z}; where the other side has nothing, {@code R / z}, so that none is lost.
   */
  static PtNDArray share(
      PtNDArray relevance, PtNDArray z, PtNDArray other, double factor, double stabilizer) {
    try (PtNDArray whole = divided(relevance, z, stabilizer);
        PtNDArray zero = Staging.scalar(z.getManager(), 0);
        PtNDArray alone = JniUtils.eq(other, zero);
        PtNDArray flag = JniUtils.to(alone, z.getDataType(), z.getDevice());
        PtNDArray rest = Staging.scalar(z.getManager(), 1 - factor);
        PtNDArray more = JniUtils.mul(flag, rest);
        PtNDArray base = Staging.scalar(z.getManager(), factor);
        PtNDArray factors = JniUtils.add(more, base)) {
      return JniUtils.mul(whole, factors);
    }
  }

  static PtNDArray filled(PtNDManager step, float value, long[] shape) {
    return JniUtils.full(
        step, new Shape(shape), value, DataType.FLOAT32, step.getDevice(), SparseFormat.DENSE);
  }

  /** {@code a (df/da)^T s + b (dg/db)^T s} with {@code s} of {@code f(a) + g(b)}. */
  static PtNDArray pair(
      PtNDArray a,
      PtNDArray b,
      UnaryOperator<PtNDArray> f,
      UnaryOperator<PtNDArray> g,
      UnaryOperator<PtNDArray> share) {
    if (b == null) {
      try (PtNDArray sent = transposed(a, f, share)) {
        return JniUtils.mul(a, sent);
      }
    }
    PtNDArray first = leaf(a);
    PtNDArray second = leaf(b);
    try (first;
        second) {
      JniUtils.setGradMode(true);
      try (PtNDArray left = f.apply(first);
          PtNDArray right = g.apply(second);
          PtNDArray z = JniUtils.add(left, right)) {
        JniUtils.setGradMode(false);
        try (PtNDArray s = share.apply(z)) {
          JniUtils.backward(z, s, false, false);
        }
      } finally {
        JniUtils.setGradMode(false);
      }
      try (PtNDArray toFirst = JniUtils.getGradient(first);
          PtNDArray toSecond = JniUtils.getGradient(second);
          PtNDArray left = JniUtils.mul(a, toFirst);
          PtNDArray right = JniUtils.mul(b, toSecond)) {
        return JniUtils.add(left, right);
      }
    }
  }

  /** {@code (df/dx)^T s(f(x))}. */
  static PtNDArray transposed(
      PtNDArray x, UnaryOperator<PtNDArray> function, UnaryOperator<PtNDArray> share) {
    try (PtNDArray leaf = leaf(x)) {
      JniUtils.setGradMode(true);
      try (PtNDArray z = function.apply(leaf)) {
        JniUtils.setGradMode(false);
        try (PtNDArray s = share.apply(z)) {
          JniUtils.backward(z, s, false, false);
        }
      } finally {
        JniUtils.setGradMode(false);
      }
      PtNDArray gradient = JniUtils.getGradient(leaf);
      gradient.attach(x.getManager());
      return gradient;
    }
  }

  static PtNDArray leaf(PtNDArray x) {
    PtNDArray leaf = JniUtils.detachGradient(x);
    JniUtils.attachGradient(leaf, true);
    return leaf;
  }

  /** {@code R / z}, with something tiny in place of a zero. */
  static PtNDArray divided(PtNDArray relevance, PtNDArray z, double stabilizer) {
    try (PtNDArray zero = Staging.scalar(z.getManager(), 0);
        PtNDArray isZero = JniUtils.eq(z, zero);
        PtNDArray flag = JniUtils.to(isZero, z.getDataType(), z.getDevice());
        PtNDArray tiny = Staging.scalar(z.getManager(), stabilizer);
        PtNDArray more = JniUtils.mul(flag, tiny);
        PtNDArray whole = JniUtils.add(z, more)) {
      return JniUtils.div(relevance, whole);
    }
  }

  /** {@code R / (z + epsilon sign z)}, the sign of zero counting as positive. */
  static PtNDArray dividedBySigned(PtNDArray relevance, PtNDArray z, double epsilon) {
    try (PtNDArray zero = Staging.scalar(z.getManager(), 0);
        PtNDArray isZero = JniUtils.eq(z, zero);
        PtNDArray flag = JniUtils.to(isZero, z.getDataType(), z.getDevice());
        PtNDArray sign = JniUtils.sign(z);
        PtNDArray signs = JniUtils.add(flag, sign);
        PtNDArray size = Staging.scalar(z.getManager(), epsilon);
        PtNDArray more = JniUtils.mul(signs, size);
        PtNDArray whole = JniUtils.add(z, more)) {
      return JniUtils.div(relevance, whole);
    }
  }
}
