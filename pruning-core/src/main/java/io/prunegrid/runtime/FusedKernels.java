package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import java.util.Locale;

/**
 * Convolutions that take bias, sum and rectifier along, from oneDNN, on activations whose channels
 * are innermost.
 */
final class FusedKernels implements AutoCloseable {
  private static final String ARGUMENTS =
      "weight: Tensor, bias: Tensor, padding: List[int], stride: List[int], dilation: List[int],"
          + " groups: int";
  private static final String PACK =
      """
        def pack(self: __torch__.Kernels, weight: Tensor, padding: List[int], stride: List[int], \
      dilation: List[int], groups: int, size: List[int]) -> Tensor:
          return ops.mkldnn._reorder_convolution_weight(torch.contiguous(weight, memory_format=2), \
      padding, stride, dilation, groups, size)
      """;

  private static String plain(After after) {
    return """
          def %s(self: __torch__.Kernels, x: Tensor, %s) -> Tensor:
            return ops.mkldnn._convolution_pointwise(x, weight, bias, padding, stride, dilation, \
        groups, "%s", annotate(List[Optional[number]], []), "")
        """
        .formatted(after.method("plain"), ARGUMENTS, after == After.RELU ? "relu" : "none");
  }

  private static String sum(String method, String operator, After after) {
    return """
          def %s(self: __torch__.Kernels, x: Tensor, %s, addend: Tensor) -> Tensor:
            return ops.mkldnn.%s, weight, bias, padding, stride, dilation, groups, "add", None, \
        %s, annotate(List[Optional[number]], []), None)
        """
        .formatted(
            after.method(method), ARGUMENTS, operator, after == After.RELU ? "\"relu\"" : "None");
  }

  private final TorchScript script;

  FusedKernels(PtNDManager manager) {
    StringBuilder methods = new StringBuilder(PACK);
    for (After after : After.values()) {
      methods.append(plain(after));
      methods.append(sum("add", "_convolution_pointwise(x, addend", after));
      methods.append(sum("add_into", "_convolution_pointwise_(addend, x", after));
    }
    this.script = new TorchScript(manager, methods.toString());
  }

  /**
   * A convolution with its weights laid out for the processor.
   *
   * @param weight {@code (out, in / groups, height, width)}; stays the caller's
   * @param bias {@code (out)}; stays the caller's
   * @param input shape of the images it will see mostly, {@code (channel, height, width)}
   * @param n how many of them at a time
   */
  Convolution convolution(
      PtNDManager manager, Op.Conv2d op, PtNDArray weight, PtNDArray bias, Shape input, int n) {
    return new Convolution(manager, op, weight, bias, input, n);
  }

  @Override
  public void close() {
    script.close();
  }

  /** What follows a convolution in the same pass. */
  enum After {
    NOTHING,
    RELU;

    private String method(String base) {
      return base + "_" + name().toLowerCase(Locale.ROOT);
    }
  }

  /** A convolution ready to be applied; its arguments are made once. */
  final class Convolution implements AutoCloseable {
    private final PtNDArray packed;
    private final IValue weight;
    private final IValue bias;
    private final IValue padding;
    private final IValue stride;
    private final IValue dilation;
    private final IValue groups;

    private Convolution(
        PtNDManager manager, Op.Conv2d op, PtNDArray weight, PtNDArray bias, Shape input, int n) {
      padding = list(op.padding());
      stride = list(op.stride());
      dilation = list(op.dilation());
      groups = IValue.from((long) op.groups());
      try (IValue plain = IValue.from(weight);
          IValue size = IValue.listFrom(n, input.dim(0), input.dim(1), input.dim(2))) {
        packed = script.call(manager, "pack", plain, padding, stride, dilation, groups, size);
      }
      this.weight = IValue.from(packed);
      this.bias = IValue.from(bias);
    }

    private static IValue list(Size2d size) {
      return IValue.listFrom(size.height(), size.width());
    }

    PtNDArray apply(PtNDManager manager, PtNDArray x, After after) {
      try (IValue input = IValue.from(x)) {
        return script.call(
            manager, after.method("plain"), input, weight, bias, padding, stride, dilation, groups);
      }
    }

    /** The convolution's result plus {@code addend}. */
    PtNDArray add(PtNDManager manager, PtNDArray x, PtNDArray addend, After after) {
      return sum("add", manager, x, addend, after);
    }

    /** The same, in the memory of {@code addend}. */
    PtNDArray addInto(PtNDManager manager, PtNDArray x, PtNDArray addend, After after) {
      return sum("add_into", manager, x, addend, after);
    }

    private PtNDArray sum(
        String method, PtNDManager manager, PtNDArray x, PtNDArray addend, After after) {
      try (IValue input = IValue.from(x);
          IValue other = IValue.from(addend)) {
        return script.call(
            manager,
            after.method(method),
            input,
            weight,
            bias,
            padding,
            stride,
            dilation,
            groups,
            other);
      }
    }

    @Override
    public void close() {
      for (IValue value : new IValue[] {weight, bias, padding, stride, dilation, groups}) {
        value.close();
      }
      packed.close();
    }
  }
}
