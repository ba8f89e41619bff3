package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.prunegrid.graph.Op;

/** Unfolded images: what a convolution's weights see, as columns. */
final class SampleKernels implements AutoCloseable {
  private static final String METHODS =
      """
        def unfold(self: __torch__.Kernels, x: Tensor, kernel: List[int], dilation: List[int], \
      padding: List[int], stride: List[int]) -> Tensor:
          return torch.im2col(x, kernel, dilation, padding, stride)
      """;

  private final TorchScript script;

  SampleKernels(PtNDManager manager) {
    this.script = new TorchScript(manager, METHODS);
  }

  /**
   * {@code (n, in x kernel height x kernel width, positions)} of {@code (n, in, height, width)}.
   */
  PtNDArray unfold(PtNDManager manager, PtNDArray x, Op.Conv2d op) {
    try (IValue input = IValue.from(x);
        IValue kernel = IValue.listFrom(op.kernel().height(), op.kernel().width());
        IValue dilation = IValue.listFrom(op.dilation().height(), op.dilation().width());
        IValue padding = IValue.listFrom(op.padding().height(), op.padding().width());
        IValue stride = IValue.listFrom(op.stride().height(), op.stride().width())) {
      return script.call(manager, "unfold", input, kernel, dilation, padding, stride);
    }
  }

  @Override
  public void close() {
    script.close();
  }
}
