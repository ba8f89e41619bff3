package io.prunegrid.graph;

import io.prunegrid.graph.ParameterSpec.Role;
import java.util.ArrayList;
import java.util.List;

/** Operators of transformers; a sequence of tokens is {@code (position, channel)}. */
public sealed interface TokenOp extends Op {
  /**
   * A learned tensor, the same for every sample: a class token, position embeddings, layer scale.
   * The parameter has the module's own name.
   *
   * @param shape as other operators see it, without the batch
   * @param stored as the parameter itself has it: {@code shape}, perhaps behind sizes of 1
   */
  record Parameter(Shape shape, Shape stored, Role role) implements TokenOp {
    public Parameter {
      int ones = stored.rank() - shape.rank();
      if (ones < 0
          || !stored.dims().subList(ones, stored.rank()).equals(shape.dims())
          || stored.size() != shape.size()) {
        throw new IllegalArgumentException("a parameter " + stored + " cannot be read as " + shape);
      }
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      Shapes.expectCount(inputs, 0);
      return shape;
    }

    @Override
    public List<ParameterSpec> parameters() {
      return List.of(new ParameterSpec("", stored, role));
    }
  }

  /**
   * Multi-head scaled dot-product attention of queries, keys and values of one width, torch's
   * {@code MultiheadAttention} (Vaswani et al. 2017): {@code in_proj_weight (3 width, width)},
   * {@code in_proj_bias (3 width)}, {@code out_proj.weight (width, width)}, {@code out_proj.bias
   * (width)}. Queries, keys, values and output are {@code (position, width)}, each as long as the
   * others.
   *
   * @param width channels of inputs and output, a multiple of {@code heads}
   */
  record MultiHeadAttention(int width, int heads, boolean bias) implements TokenOp {
    public MultiHeadAttention {
      if (heads < 1 || width % heads != 0) {
        throw new IllegalArgumentException(width + " channels cannot have " + heads + " heads");
      }
    }

    @Override
    public Shape infer(List<Shape> inputs) {
      Shapes.expectCount(inputs, 3);
      for (Shape x : inputs) {
        if (x.rank() != 2 || x.dim(1) != width) {
          throw new IllegalArgumentException("expects (position, " + width + "), found " + x);
        }
      }
      if (!inputs.get(0).equals(inputs.get(1)) || !inputs.get(1).equals(inputs.get(2))) {
        throw new IllegalArgumentException(
            "expects as many queries as keys and values, found " + inputs);
      }
      return inputs.get(0);
    }

    @Override
    public List<ParameterSpec> parameters() {
      List<ParameterSpec> specs = new ArrayList<>();
      specs.add(new ParameterSpec("in_proj_weight", Shape.of(3 * width, width), Role.WEIGHT));
      if (bias) {
        specs.add(new ParameterSpec("in_proj_bias", Shape.of(3 * width), Role.BIAS));
      }
      specs.add(new ParameterSpec("out_proj.weight", Shape.of(width, width), Role.WEIGHT));
      if (bias) {
        specs.add(new ParameterSpec("out_proj.bias", Shape.of(width), Role.BIAS));
      }
      return specs;
    }

    @Override
    public long uses(Shape input, Shape output) {
      return output.dim(0);
    }
  }

  /**
   * Matrix product of two activations: {@code (..., m, k) x (..., k, n)} to {@code (..., m, n)};
   * the dimensions in front agree.
   */
  record MatMul() implements TokenOp {
    @Override
    public Shape infer(List<Shape> inputs) {
      Shapes.expectCount(inputs, 2);
      Shape a = inputs.get(0);
      Shape b = inputs.get(1);
      int rank = a.rank();
      if (rank < 2
          || b.rank() != rank
          || a.dim(rank - 1) != b.dim(rank - 2)
          || !a.dims().subList(0, rank - 2).equals(b.dims().subList(0, rank - 2))) {
        throw new IllegalArgumentException("cannot multiply " + a + " by " + b);
      }
      return a.withDim(rank - 1, b.dim(rank - 1));
    }
  }
}
