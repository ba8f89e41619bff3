package io.prunegrid.graph;

import io.prunegrid.graph.ParameterSpec.Role;
import java.util.List;

/** Operators that treat elements by themselves, or along one axis. */
public sealed interface ElementOp extends Op {
  /**
   * A function of each element.
   *
   * @param function which one
   * @param parameter slope of {@code LEAKY_RELU}, alpha of {@code ELU}; 0 for the others
   */
  record Activation(Function function, double parameter) implements ElementOp {
    public Activation {
      if (!function.takesParameter && parameter != 0) {
        throw new IllegalArgumentException(function + " takes no parameter, found " + parameter);
      }
    }

    /** A function that takes no parameter. */
    public Activation(Function function) {
      this(function, 0);
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      return Shapes.single(inputs);
    }
  }

  /** Functions of one number, as torch defines them. */
  enum Function {
    /** {@code min(max(x, 0), 6)}. */
    RELU6(true, false),
    /** {@code x} where positive, else {@code slope x}. */
    LEAKY_RELU(true, true),
    /** {@code x} where positive, else {@code alpha (exp(x) - 1)}. */
    ELU(true, true),
    /** {@code x} times the normal distribution function of {@code x}. */
    GELU(true, false),
    /** The hyperbolic tangent's approximation of {@link #GELU}. */
    GELU_TANH(true, false),
    /** {@code x sigmoid(x)}. */
    SILU(true, false),
    /** {@code x min(max(x + 3, 0), 6) / 6}. */
    HARDSWISH(true, false),
    /** {@code min(max(x + 3, 0), 6) / 6}. */
    HARDSIGMOID(false, false),
    /** {@code 1 / (1 + exp(-x))}. */
    SIGMOID(false, false),
    /** The hyperbolic tangent. */
    TANH(true, false);

    private final boolean keepsZero;
    private final boolean takesParameter;

    Function(boolean keepsZero, boolean takesParameter) {
      this.keepsZero = keepsZero;
      this.takesParameter = takesParameter;
    }

    /** Whether zero goes to zero. */
    public boolean keepsZero() {
      return keepsZero;
    }
  }

  /**
   * {@code factor x + shift} with two constants.
   *
   * @param factor what elements are multiplied by
   * @param shift what is added afterwards
   */
  record Scale(double factor, double shift) implements ElementOp {
    @Override
    public Shape infer(List<Shape> inputs) {
      return Shapes.single(inputs);
    }
  }

  /** {@code min(max(x, low), high)}; either end may be infinite. */
  record Clip(double low, double high) implements ElementOp {
    @Override
    public Shape infer(List<Shape> inputs) {
      return Shapes.single(inputs);
    }
  }

  /**
   * {@code x} where positive, else a learned slope times {@code x}, torch's {@code PReLU} (He,
   * Zhang, Ren, Sun, ICCV 2015): {@code weight (slopes)}.
   *
   * @param slopes 1, or one for each channel of {@code (channel, height, width)}
   */
  record PRelu(int slopes) implements ElementOp {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      if (slopes != 1) {
        Shapes.expectChannels(x, slopes);
      }
      return x;
    }

    @Override
    public List<ParameterSpec> parameters() {
      return List.of(new ParameterSpec("weight", Shape.of(slopes), Role.NORM_WEIGHT));
    }
  }

  /**
   * {@code exp(x) / sum exp(x)} along one axis, or its logarithm.
   *
   * @param axis counted without the batch
   */
  record Softmax(int axis, Output output) implements ElementOp {
    /** What is given out. */
    public enum Output {
      PROBABILITY,
      LOGARITHM
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      Shape x = Shapes.single(inputs);
      Shapes.expectAxis(x, axis);
      return x;
    }
  }

  /**
   * Two inputs element by element; where one has size 1 along an axis, or no such axis, it counts
   * for all of the other's.
   */
  record Arithmetic(Operation operation) implements ElementOp {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shapes.expectCount(inputs, 2);
      return Shapes.broadcast(inputs.get(0), inputs.get(1));
    }
  }

  /** Operations on two numbers; sums are {@link Op.Add}. */
  enum Operation {
    SUBTRACT,
    MULTIPLY,
    DIVIDE
  }

  /**
   * Zeroes whole samples with probability {@code p} while training and scales the others by {@code
   * 1 / (1 - p)} (Huang et al., Deep networks with stochastic depth, ECCV 2016); else the identity.
   */
  record StochasticDepth(double p) implements ElementOp {
    @Override
    public Shape infer(List<Shape> inputs) {
      return Shapes.single(inputs);
    }
  }
}
