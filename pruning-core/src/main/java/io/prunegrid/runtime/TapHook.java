package io.prunegrid.runtime;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.runtime.Reading.AbsoluteSum;
import io.prunegrid.runtime.Reading.Effect;
import io.prunegrid.runtime.Reading.GradientSize;
import io.prunegrid.runtime.Reading.Length;
import io.prunegrid.runtime.Reading.PositiveCount;
import io.prunegrid.runtime.Reading.SquareSum;
import io.prunegrid.runtime.Reading.Sum;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads taps of one batch as the network computes it. Gradients come from leaves that change
 * nothing: ones that a channel is multiplied with, whose gradient is {@code sum g a}, and zeros
 * that are added to a whole map, whose gradient is {@code g}.
 */
final class TapHook implements GraphRunner.Hook {
  private final PtNDManager step;
  private final boolean differentiates;
  private final Map<String, List<Tap>> taps = new HashMap<>();
  private final Map<String, Tap> gated = new HashMap<>();
  private final Map<String, Optional<Tap>> shifted = new HashMap<>();
  private final WeightSums weights;
  private final Map<Tap, float[]> values = new HashMap<>();
  private final Map<String, PtNDArray> gates = new HashMap<>();
  private final Map<String, PtNDArray> shifts = new HashMap<>();
  private final Map<String, PtNDArray> inputs = new HashMap<>();

  TapHook(PtNDManager step, Set<Tap> all, WeightSums weights, boolean differentiates) {
    this.step = step;
    this.weights = weights;
    this.differentiates = differentiates;
    for (Tap tap : all) {
      if (tap.reading() instanceof Effect) {
        gated.put(tap.node(), tap);
      } else if (tap.reading() instanceof GradientSize) {
        shifted.put(tap.node(), Optional.of(tap));
      } else if (!(tap.reading() instanceof Reading.Relevance)) {
        taps.computeIfAbsent(tap.node(), node -> new ArrayList<>()).add(tap);
      }
    }
    weights.watched().forEach(node -> shifted.putIfAbsent(node, Optional.empty()));
  }

  /** The network's input is a node too, but nothing computes it. */
  void input(ModelGraph graph, PtNDArray input) {
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Input) {
        read(node.name(), input);
      }
    }
  }

  @Override
  public void reads(Node node, PtNDArray[] arrays) {
    if (weights.watched().contains(node.name())) {
      inputs.put(node.name(), JniUtils.detachGradient(arrays[0]));
    }
  }

  @Override
  public PtNDArray output(Node node, PtNDArray output) {
    if (differentiates) {
      JniUtils.setGradMode(false);
      read(node.name(), output);
      JniUtils.setGradMode(true);
    } else {
      read(node.name(), output);
    }
    PtNDArray result = output;
    if (gated.containsKey(node.name())) {
      try (PtNDArray before = result) {
        result = JniUtils.mul(before, gate(node.name(), before));
      }
    }
    if (shifted.containsKey(node.name())) {
      try (PtNDArray before = result) {
        result = JniUtils.add(before, shift(node.name(), before));
      }
    }
    return result;
  }

  private void read(String node, PtNDArray output) {
    for (Tap tap : taps.getOrDefault(node, List.of())) {
      values.put(tap, read(tap, output));
    }
  }

  private static float[] read(Tap tap, PtNDArray output) {
    Reading reading = tap.reading();
    if (reading instanceof AbsoluteSum) {
      return Reductions.absoluteSum(output, tap.axis());
    } else if (reading instanceof PositiveCount) {
      return Reductions.positiveCount(output, tap.axis());
    } else if (reading instanceof Sum) {
      return Reductions.sum(output, tap.axis());
    } else if (reading instanceof SquareSum) {
      return Reductions.squareSum(output, tap.axis());
    } else if (reading instanceof Length length) {
      return Reductions.length(output, tap.axis(), length.activation(), length.slope());
    }
    throw new IllegalStateException("no reading " + reading);
  }

  private PtNDArray gate(String node, PtNDArray output) {
    long[] shape = output.getShape().getShape().clone();
    for (long position : Reductions.positions(output, gated.get(node).axis())) {
      shape[(int) position] = 1;
    }
    PtNDArray gate = (PtNDArray) step.ones(new Shape(shape), DataType.FLOAT32);
    JniUtils.attachGradient(gate, true);
    gates.put(node, gate);
    return gate;
  }

  private PtNDArray shift(String node, PtNDArray output) {
    PtNDArray shift =
        JniUtils.zerosLike(output, DataType.FLOAT32, output.getDevice(), SparseFormat.DENSE);
    JniUtils.attachGradient(shift, true);
    shifts.put(node, shift);
    return shift;
  }

  /** What was read, gradients too, once the loss was differentiated. */
  void values(Map<Tap, float[]> to) {
    to.putAll(values);
    gates.forEach(
        (node, gate) -> {
          try (PtNDArray gradient = JniUtils.getGradient(gate)) {
            to.put(gated.get(node), gradient.toFloatArray());
          }
        });
    shifts.forEach(
        (node, shift) -> {
          if (shifted.get(node).isPresent()) {
            Tap tap = shifted.get(node).get();
            try (PtNDArray gradient = JniUtils.getGradient(shift)) {
              to.put(tap, Reductions.absoluteSum(gradient, tap.axis()));
            }
          }
        });
  }

  /** What a watched node read. */
  PtNDArray watchedInput(String node) {
    return inputs.get(node);
  }

  /** The gradient of a watched node's output; to be closed. */
  PtNDArray watchedGradient(String node) {
    return JniUtils.getGradient(shifts.get(node));
  }
}
