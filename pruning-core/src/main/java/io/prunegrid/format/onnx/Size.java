package io.prunegrid.format.onnx;

/**
 * A whole number that may depend on the number of samples: {@code plain + batches n}. Exact;
 * results beyond 64 bits are refused.
 */
record Size(long plain, long batches) {
  static Size of(long plain) {
    return new Size(plain, 0);
  }

  static Size batches(long batches) {
    return new Size(0, batches);
  }

  boolean isPlain() {
    return batches == 0;
  }

  Size plus(Size other) {
    return checked(
        () -> new Size(Math.addExact(plain, other.plain), Math.addExact(batches, other.batches)));
  }

  Size minus(Size other) {
    return checked(
        () ->
            new Size(
                Math.subtractExact(plain, other.plain),
                Math.subtractExact(batches, other.batches)));
  }

  Size times(Size other) {
    if (!isPlain() && !other.isPlain()) {
      throw new Unsupported("it multiplies the number of samples by itself");
    }
    return checked(
        () ->
            new Size(
                Math.multiplyExact(plain, other.plain),
                Math.addExact(
                    Math.multiplyExact(plain, other.batches),
                    Math.multiplyExact(batches, other.plain))));
  }

  Size over(Size other) {
    if (other.equals(of(0))) {
      throw new Unsupported("it divides by zero");
    }
    if (isPlain() && other.isPlain()) {
      return of(plain / other.plain);
    }
    if (plain == 0 && other.plain == 0 && other.batches != 0 && batches % other.batches == 0) {
      return of(batches / other.batches);
    }
    if (other.isPlain() && plain % other.plain == 0 && batches % other.plain == 0) {
      return new Size(plain / other.plain, batches / other.plain);
    }
    throw new Unsupported("it divides the number of samples");
  }

  /** Whether both are the same number whatever the number of samples. */
  boolean same(Size other) {
    if (equals(other)) {
      return true;
    }
    Size difference = minus(other);
    // There is at least one sample: a difference that never reaches zero settles it.
    boolean never =
        difference.isPlain()
            || (difference.plain >= 0 && difference.batches > 0)
            || (difference.plain <= 0 && difference.batches < 0);
    if (!never) {
      throw new Unsupported("it depends on the number of samples");
    }
    return false;
  }

  private interface Sum {
    Size get();
  }

  private static Size checked(Sum sum) {
    try {
      return sum.get();
    } catch (ArithmeticException e) {
      throw new Unsupported("it computes a number beyond 64 bits");
    }
  }
}
