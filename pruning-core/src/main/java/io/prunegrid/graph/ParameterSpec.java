package io.prunegrid.graph;

/**
 * One tensor that an operator owns.
 *
 * @param suffix what follows the module's name and a dot in the torch-style parameter name, for
 *     instance {@code weight}; empty where the parameter has the module's own name
 * @param shape full shape of the tensor
 * @param role what the tensor is for
 */
public record ParameterSpec(String suffix, Shape shape, Role role) {
  /** What a tensor is for; decides initialization, counting and what weight decay touches. */
  public enum Role {
    WEIGHT,
    BIAS,
    NORM_WEIGHT,
    NORM_BIAS,
    RUNNING_MEAN,
    RUNNING_VARIANCE,
    /** A tensor that is no layer's and is added or set beside others: a class token, positions. */
    EMBEDDING,
    /** A tensor that is no layer's and multiplies: layer scale. */
    LAYER_SCALE;

    /**
     * Buffers are state of a normalization layer: no parameter count includes them and no optimizer
     * moves them.
     */
    public boolean isBuffer() {
      return this == RUNNING_MEAN || this == RUNNING_VARIANCE;
    }
  }
}
