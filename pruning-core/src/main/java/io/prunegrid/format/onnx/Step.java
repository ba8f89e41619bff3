package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.Title.Claim;
import io.prunegrid.format.onnx.Value.Activation;
import io.prunegrid.format.onnx.Value.Refused;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ParameterSpec.Role;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.TokenOp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** One node of the file while it is translated: what it reads, and what it gives. */
final class Step {
  private final Translation translation;
  private final OnnxNode node;
  private final List<Value> results = new ArrayList<>();

  Step(Translation translation, OnnxNode node) {
    this.translation = translation;
    this.node = node;
  }

  OnnxNode node() {
    return node;
  }

  Translation translation() {
    return translation;
  }

  GraphParts parts() {
    return translation.parts();
  }

  List<Value> results() {
    return results;
  }

  void clear() {
    results.clear();
  }

  void give(Value value) {
    results.add(value);
  }

  boolean has(int index) {
    return !node.input(index).isEmpty();
  }

  /** The n-th input. */
  Value in(int index) throws IOException {
    if (!has(index)) {
      throw new Unsupported("its input number " + index + " is missing");
    }
    Value value = translation.value(node.input(index));
    if (value instanceof Refused refused) {
      throw new Translation.Refusal(refused);
    }
    return value;
  }

  Activation activation(int index) throws IOException {
    if (in(index) instanceof Activation activation) {
      return activation;
    }
    throw new Unsupported("its input number " + index + " is a constant");
  }

  /** An input that begins with the batch. */
  Activation plain(int index) throws IOException {
    Activation x = activation(index);
    if (!x.isPlain()) {
      throw new Unsupported("its input does not begin with the batch");
    }
    return x;
  }

  /** A feature map {@code (channel, height, width)} that begins with the batch. */
  Activation map(int index) throws IOException {
    Activation x = plain(index);
    if (x.shape().rank() != 3) {
      throw new Unsupported(
          "only feature maps (batch, channel, height, width) are supported, found "
              + x.shape()
              + " behind the batch");
    }
    return x;
  }

  Constant constant(int index) throws IOException {
    if (in(index) instanceof Constant constant) {
      return constant;
    }
    throw new Unsupported("its input number " + index + " is not a constant");
  }

  /** A constant input of floats with these dimensions. */
  Constant floats(int index, int... dims) throws IOException {
    Constant found = constant(index);
    if (!found.isFloat() || !Arrays.equals(found.dims(), dims)) {
      throw new Unsupported(
          "its input number "
              + index
              + " should be floats of the shape "
              + Arrays.toString(dims)
              + ", found "
              + (found.isFloat() ? "" : "whole numbers of the shape ")
              + Arrays.toString(found.dims()));
    }
    return found;
  }

  /** Adds a node without tensors that reads one value and leaves its axes as they are. */
  Activation apply(Op op, Activation x) {
    String name = parts().add(Title.of(node.label()), op, List.of(x.node()));
    return x.like(name, parts().shape(name));
  }

  /**
   * Adds a layer that reads one value and leaves its axes as they are.
   *
   * @param weight the input that names the layer
   * @param identity the inputs that hold its tensors
   */
  Activation layer(
      Op op, Activation x, int weight, int[] identity, Map<String, GraphParts.Source> tensors)
      throws IOException {
    List<String> names = new ArrayList<>();
    for (int index : identity) {
      names.add(node.input(index));
    }
    return layer(op, x, node.input(weight), names, tensors);
  }

  /**
   * Adds a layer that reads one value and leaves its axes as they are.
   *
   * @param weight name of the tensor that names the layer
   * @param identity names of all tensors
   */
  Activation layer(
      Op op,
      Activation x,
      String weight,
      List<String> identity,
      Map<String, GraphParts.Source> tensors)
      throws IOException {
    return layer(op, x, weight, node, identity, tensors);
  }

  /**
   * Adds a layer that reads one value and leaves its axes as they are.
   *
   * @param weight name of the tensor that names the layer
   * @param reader the node that reads the weight, which names the layer where the weight does not
   * @param identity names of all tensors
   */
  Activation layer(
      Op op,
      Activation x,
      String weight,
      OnnxNode reader,
      List<String> identity,
      Map<String, GraphParts.Source> tensors)
      throws IOException {
    for (String tensor : identity) {
      refuseHalf(tensor);
    }
    String suffix = ".weight";
    Title title =
        weight.endsWith(suffix) && weight.length() > suffix.length()
            ? new Title(weight.substring(0, weight.length() - suffix.length()), Claim.WEIGHT)
            : new Title(reader.label(), Claim.LAYER);
    String name = parts().layer(title, reader.label(), op, List.of(x.node()), identity, tensors);
    return x.like(name, parts().shape(name));
  }

  /** ONNX has no operator that takes floats of 16 bits beside others of 32. */
  private void refuseHalf(String tensor) throws IOException {
    if (translation.value(tensor) instanceof Constant constant && constant.isHalf()) {
      throw new Unsupported(
          "its tensor "
              + Unsupported.quote(tensor)
              + " holds floats of 16 bits; only float32 is supported");
    }
  }

  /**
   * A constant tensor as a parameter of its own.
   *
   * @param name what the file calls it
   * @param shape for one sample
   */
  String parameter(String name, Constant value, Shape shape, Role role) throws IOException {
    refuseHalf(name);
    return parts()
        .layer(
            new Title(name, Claim.LAYER),
            node.label(),
            new TokenOp.Parameter(shape, shape, role),
            List.of(),
            List.of(name),
            Map.of("", value::floats));
  }
}
