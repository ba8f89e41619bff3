package io.prunegrid.format.onnx;

import io.prunegrid.graph.Shape;

/** What a name of an ONNX graph stands for while the graph is read. */
sealed interface Value permits Value.Activation, Value.Refused, Constant {
  /**
   * What a node of ours computes for every sample. In the file the batch is one axis among others,
   * or part of one: attention in torch's export keeps positions in front of the batch and merges
   * the batch with the heads. Ours is always in front, so what the file does to it is bookkeeping.
   *
   * @param node of our graph
   * @param shape of one sample, batch left out
   * @param at how many axes of the sample lie in front of the batch in the file
   * @param left 1 where the axis just in front of the batch is merged with it in the file, else 0
   * @param right 1 where the axis just behind the batch is merged with it in the file, else 0
   */
  record Activation(String node, Shape shape, int at, int left, int right) implements Value {
    /** The batch in front, as everywhere here. */
    Activation(String node, Shape shape) {
      this(node, shape, 0, 0, 0);
    }

    /** Whether the batch is the first axis, by itself. */
    boolean isPlain() {
      return at == 0 && right == 0;
    }

    /** Number of axes in the file. */
    int fileRank() {
      return shape.rank() - left - right + 1;
    }

    /** The axis of the file that holds the batch. */
    int batchAxis() {
      return at - left;
    }

    /** What the batch's axis of the file holds of every sample. */
    int merged() {
      return (left == 1 ? shape.dim(at - 1) : 1) * (right == 1 ? shape.dim(at) : 1);
    }

    /** Our axis for one of the file's, which may count from behind. */
    int axis(long ofFile) {
      long axis = ofFile < 0 ? ofFile + fileRank() : ofFile;
      if (axis < 0 || axis >= fileRank()) {
        throw new Unsupported("it names axis " + ofFile + " of " + fileRank());
      }
      if (axis == batchAxis()) {
        throw new Unsupported("it works along the batch");
      }
      return (int) (axis < batchAxis() ? axis : axis - 1 + left + right);
    }

    /** The sizes in the file, with the batch as it is. */
    Size[] sizes() {
      Size[] sizes = new Size[fileRank()];
      for (int i = 0; i < sizes.length; i++) {
        sizes[i] =
            i == batchAxis()
                ? Size.batches(merged())
                : Size.of(shape.dim(i < batchAxis() ? i : i - 1 + left + right));
      }
      return sizes;
    }

    /** The result of a node that leaves the axes as they are. */
    Activation like(String other, Shape changed) {
      return new Activation(other, changed, at, left, right);
    }
  }

  /** What cannot be computed here; only an error where an output of the network needs it. */
  record Refused(String reason) implements Value {}
}
