package io.prunegrid.format.onnx;

/**
 * A constant that belongs to a node; of the fields those are set that the file has.
 *
 * @param name for messages
 * @param tensor may be null
 * @param hasGraph whether it holds a graph, which nothing here runs
 */
@SuppressWarnings("ArrayRecordComponent")
record OnnxAttribute(
    String name,
    Long single,
    Float real,
    String string,
    Numbers list,
    Numbers reals,
    OnnxTensor tensor,
    boolean hasGraph) {

  long integer() {
    if (single == null) {
      throw wrong("a whole number");
    }
    return single;
  }

  double number() {
    if (real == null) {
      throw wrong("a number");
    }
    return real;
  }

  String text() {
    if (string == null) {
      throw wrong("text");
    }
    return string;
  }

  /** Whole numbers; none where the list is empty. */
  long[] integers() {
    return list.toLongs();
  }

  private Unsupported wrong(String expected) {
    return new Unsupported("its attribute " + name + " should be " + expected);
  }
}
