package io.prunegrid.channel;

import io.prunegrid.graph.Shape;
import java.util.Comparator;
import java.util.Set;

/**
 * Where one axis of a tensor goes when the same elements, row-major, get another shape. Axes that
 * are merged with it repeat its positions. Where it is split, positions that land at the same place
 * of the axis that carries on must be the same channel: of several candidates the last one carries
 * on unless another is preferred, as in the heads of attention, where position j of every head goes
 * together, or else all of a head.
 */
final class ReshapedAxis {
  private final int axis;
  private final int size;
  private final int length;
  private final int inner;
  private final int positions;
  private final int outInner;

  /**
   * @param from shape before
   * @param before axis of {@code from}
   * @param to shape after, of as many elements
   * @param preferred axes of {@code to} that carry on where they can
   */
  private ReshapedAxis(Shape from, int before, Shape to, Set<Integer> preferred) {
    int in = 0;
    int out = 0;
    int firstOut = 0;
    long read = 1;
    long written = 1;
    // Axes are taken on both sides until the products agree; such a group is rearranged by itself.
    while (in <= before || read != written) {
      if (read == written) {
        firstOut = out;
        read = from.dim(in++);
        written = out < to.rank() ? to.dim(out++) : 1;
      } else if (read < written) {
        read *= from.dim(in++);
      } else {
        written *= to.dim(out++);
      }
    }
    if (firstOut == to.rank()) {
      throw new IllegalArgumentException("leaves no axis for the channels of " + from);
    }
    this.size = from.dim(before);
    this.inner = product(from, before + 1, in);
    this.length = Math.toIntExact(read);
    int first = firstOut;
    int end = out;
    int chosen =
        preferred.stream()
            .filter(candidate -> candidate >= first && candidate < end)
            .min(Comparator.naturalOrder())
            .orElseGet(() -> choose(to, first, end, size, inner));
    this.axis = chosen;
    this.positions = to.dim(chosen);
    this.outInner = product(to, chosen + 1, out);
  }

  /**
   * The axis that carries on is found here.
   *
   * @param preferred axes of {@code to} that carry on if they come of {@code before}
   */
  static ReshapedAxis following(Shape from, int before, Shape to, Set<Integer> preferred) {
    return new ReshapedAxis(from, before, to, preferred);
  }

  /** The axis that carries on is known. */
  static ReshapedAxis between(Shape from, int before, Shape to, int after) {
    return new ReshapedAxis(from, before, to, Set.of(after));
  }

  private static int choose(Shape to, int first, int end, int size, int inner) {
    int last = first;
    for (int candidate = first; candidate < end; candidate++) {
      if (to.dim(candidate) == size && product(to, candidate + 1, end) == inner) {
        return candidate;
      }
      if (to.dim(candidate) > 1) {
        last = candidate;
      }
    }
    return last;
  }

  private static int product(Shape shape, int first, int end) {
    int product = 1;
    for (int axis = first; axis < end; axis++) {
      product *= shape.dim(axis);
    }
    return product;
  }

  /** The axis after. */
  int axis() {
    return axis;
  }

  /** Number of positions after. */
  int positions() {
    return positions;
  }

  /** Number of elements of the axes that are rearranged together. */
  int length() {
    return length;
  }

  /** Position before of the element at this place among those rearranged together. */
  int before(int element) {
    return element / inner % size;
  }

  /** Position after of the element at this place among those rearranged together. */
  int after(int element) {
    return element / outInner % positions;
  }
}
