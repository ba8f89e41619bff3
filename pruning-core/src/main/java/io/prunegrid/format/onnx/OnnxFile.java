package io.prunegrid.format.onnx;

import java.util.List;
import java.util.Map;

/**
 * What a file holds: structure in memory, tensors still in the file.
 *
 * @param opset version of the standard operators
 * @param inputs of the graph that no initializer gives a value
 * @param outputs names of values, in order
 */
record OnnxFile(
    long opset,
    List<OnnxNode> nodes,
    Map<String, OnnxTensor> initializers,
    List<Declared> inputs,
    List<Declared> outputs) {

  /**
   * A value that the graph takes or gives.
   *
   * @param elementType number of the type in the format, 0 where it is not said
   * @param dims one for each axis; null where even their number is not said; -1 for a size that is
   *     open
   */
  record Declared(String name, int elementType, List<Long> dims) {}
}
