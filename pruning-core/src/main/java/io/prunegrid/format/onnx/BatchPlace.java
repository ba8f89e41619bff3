package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.Value.Activation;
import io.prunegrid.graph.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the batch is after a reshape, and what one sample's shape is then. Elements keep their
 * order, so the batch is where as many elements lie in front of it as before; an axis of the file
 * that is a multiple of the batch has it merged with axes of the sample.
 */
record BatchPlace(Shape shape, int at, int left, int right) {
  /**
   * @param target the sizes of the file's axes, at most one -1
   * @param fixedBatch the number of samples where the file fixes it, else 0
   */
  static BatchPlace find(Activation x, Size[] target, long fixedBatch) {
    long before = 1;
    for (int i = 0; i < x.at(); i++) {
      before *= x.shape().dim(i);
    }
    long after = x.shape().size() / before;
    Size[] sizes = filled(target, before * after, fixedBatch);
    for (int i = 0; i < sizes.length; i++) {
      if (!sizes[i].isPlain()) {
        BatchPlace place =
            sizes[i].plain() == 0 ? at(sizes, i, sizes[i].batches(), before, after) : null;
        if (place == null) {
          throw impossible(x);
        }
        return place;
      }
    }
    BatchPlace best = null;
    for (int i = 0; i < sizes.length && fixedBatch > 0; i++) {
      if (sizes[i].plain() % fixedBatch == 0) {
        BatchPlace place = at(sizes, i, sizes[i].plain() / fixedBatch, before, after);
        best = place == null || (best != null && best.cost() <= place.cost()) ? best : place;
      }
    }
    if (best == null) {
      throw impossible(x);
    }
    return best;
  }

  /**
   * How far a place is from what networks do, where a batch of one may stand in several: it is best
   * alone, then merged with heads behind it, then with positions in front of it, last with the
   * features.
   */
  private int cost() {
    boolean last = at + right == shape.rank();
    return (left + right == 0 ? 0 : 2) + left + (last ? 4 * (left + right) : 0);
  }

  private static Unsupported impossible(Activation x) {
    return new Unsupported("it gives " + x.shape() + " for each sample a shape that mixes samples");
  }

  /** The sizes with none left open. */
  private static Size[] filled(Size[] target, long sample, long fixedBatch) {
    Size[] sizes = target.clone();
    int open = -1;
    long plain = 1;
    boolean batch = false;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i].equals(Size.of(-1))) {
        if (open >= 0) {
          throw new Unsupported("it leaves two sizes open");
        }
        open = i;
      } else {
        batch |= !sizes[i].isPlain();
        long size = sizes[i].isPlain() ? sizes[i].plain() : sizes[i].batches();
        if (size < 1) {
          throw new Unsupported("it has a size of " + size);
        }
        plain = Math.multiplyExact(plain, size);
      }
    }
    if (open < 0) {
      return sizes;
    }
    if (batch || fixedBatch == 0) {
      if (sample % plain != 0) {
        throw new Unsupported("its sizes do not divide " + sample + " elements");
      }
      sizes[open] = batch ? Size.of(sample / plain) : Size.batches(sample / plain);
      return sizes;
    }
    long all = Math.multiplyExact(sample, fixedBatch);
    if (all % plain != 0) {
      throw new Unsupported("its sizes do not divide " + all + " elements");
    }
    sizes[open] = Size.of(all / plain);
    return sizes;
  }

  /** The batch at this axis, which holds so many elements of each sample; null if impossible. */
  private static BatchPlace at(Size[] sizes, int axis, long merged, long before, long after) {
    long outer = product(sizes, 0, axis);
    long inner = product(sizes, axis + 1, sizes.length);
    if (outer < 1 || inner < 1 || before % outer != 0 || after % inner != 0) {
      return null;
    }
    long left = before / outer;
    long right = after / inner;
    if (left * right != merged) {
      return null;
    }
    List<Integer> dims = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      if (i != axis) {
        dims.add(Math.toIntExact(sizes[i].plain()));
      }
    }
    List<Integer> parts = new ArrayList<>();
    if (left > 1) {
      parts.add((int) left);
    }
    if (right > 1) {
      parts.add((int) right);
    }
    dims.addAll(axis, parts);
    int at = axis + (left > 1 ? 1 : 0);
    return new BatchPlace(new Shape(dims), at, left > 1 ? 1 : 0, right > 1 ? 1 : 0);
  }

  private static long product(Size[] sizes, int first, int end) {
    long product = 1;
    for (int i = first; i < end; i++) {
      if (!sizes[i].isPlain() || sizes[i].plain() < 1) {
        return 0;
      }
      product = Math.multiplyExact(product, sizes[i].plain());
    }
    return product;
  }
}
