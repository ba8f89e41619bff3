package io.prunegrid.format.onnx;

import java.util.List;
import java.util.Map;

/**
 * One step of an ONNX graph.
 *
 * @param name may be empty
 * @param operator for instance {@code Conv}
 * @param inputs names of values; an empty one stands for an input left out
 * @param outputs names of values; an empty one is not wanted
 */
record OnnxNode(
    String name,
    String domain,
    String operator,
    List<String> inputs,
    List<String> outputs,
    Map<String, OnnxAttribute> attributes) {

  /** How to call it in a message. */
  String label() {
    return name.isEmpty() ? (outputs.isEmpty() ? operator : outputs.get(0)) : name;
  }

  /** Name of the n-th input; empty where it is left out. */
  String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  boolean has(String attribute) {
    return attributes.containsKey(attribute);
  }

  long integer(String attribute, long otherwise) {
    OnnxAttribute found = attributes.get(attribute);
    return found == null ? otherwise : found.integer();
  }

  double number(String attribute, double otherwise) {
    OnnxAttribute found = attributes.get(attribute);
    return found == null ? otherwise : found.number();
  }

  String text(String attribute, String otherwise) {
    OnnxAttribute found = attributes.get(attribute);
    return found == null ? otherwise : found.text();
  }

  /** Whole numbers; null where the attribute is absent. */
  long[] integers(String attribute) {
    OnnxAttribute found = attributes.get(attribute);
    return found == null ? null : found.integers();
  }
}
