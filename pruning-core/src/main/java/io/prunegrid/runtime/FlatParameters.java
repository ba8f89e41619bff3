package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ParameterSpec;
import io.prunegrid.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A network's trainable parameters as one native vector with a view for each of them, so that an
 * optimizer step is a handful of operations, however many layers there are.
 */
final class FlatParameters {
  private final Map<String, Tensor> initial = new LinkedHashMap<>();
  private final Map<String, PtNDArray> views = new LinkedHashMap<>();
  private final PtNDArray vector;
  private final PtNDArray mask;

  /**
   * Uploads the parameters, masked ones as zero.
   *
   * @param trained names of the tensors that training reaches; buffers among them are left out
   */
  FlatParameters(PtNDManager manager, Model model, Set<String> trained, Map<String, Tensor> masks) {
    int length = 0;
    for (Map.Entry<String, ParameterSpec> entry : model.graph().parameters().entrySet()) {
      if (trained.contains(entry.getKey()) && !entry.getValue().role().isBuffer()) {
        Tensor tensor = model.weights().get(entry.getKey());
        initial.put(entry.getKey(), tensor);
        length = Math.addExact(length, tensor.size());
      }
    }
    float[] values = new float[length];
    float[] kept = new float[length];
    int offset = 0;
    for (Map.Entry<String, Tensor> entry : initial.entrySet()) {
      Tensor tensor = entry.getValue();
      Tensor own = masks.get(entry.getKey());
      for (int i = 0; i < tensor.size(); i++) {
        kept[offset + i] = own == null || own.at(i) != 0 ? 1 : 0;
        values[offset + i] = kept[offset + i] == 0 ? 0 : tensor.at(i);
      }
      offset += tensor.size();
    }
    vector = Kernels.upload(manager, values, length);
    mask = masks.isEmpty() ? null : Kernels.upload(manager, kept, length);
    offset = 0;
    for (Map.Entry<String, Tensor> entry : initial.entrySet()) {
      int end = offset + entry.getValue().size();
      try (PtNDArray slice = JniUtils.slice(vector, 0, offset, end, 1)) {
        views.put(entry.getKey(), JniUtils.reshape(slice, entry.getValue().shape().toLongs()));
      }
      offset = end;
    }
  }

  PtNDArray vector() {
    return vector;
  }

  /** Fresh leaves over the same memory, without gradients from an earlier step. */
  Map<String, PtNDArray> leaves(PtNDManager step) {
    Map<String, PtNDArray> leaves = new HashMap<>();
    views.forEach(
        (name, view) -> {
          PtNDArray leaf = JniUtils.detachGradient(view);
          leaf.attach(step);
          JniUtils.attachGradient(leaf, true);
          leaves.put(name, leaf);
        });
    return leaves;
  }

  /** The leaves' gradients as one vector; a masked weight's is zero. */
  PtNDArray gradient(Map<String, PtNDArray> leaves) {
    List<PtNDArray> parts = new ArrayList<>();
    for (String name : views.keySet()) {
      try (PtNDArray gradient = JniUtils.getGradient(leaves.get(name))) {
        parts.add(JniUtils.reshape(gradient, new long[] {-1}));
      }
    }
    PtNDArray joined = JniUtils.cat(parts.toArray(PtNDArray[]::new), 0);
    parts.forEach(PtNDArray::close);
    return joined;
  }

  /** Sets what belongs to masked weights to zero. */
  void applyMask(PtNDArray values) {
    if (mask != null) {
      JniUtils.muli(values, mask);
    }
  }

  /** The parameters as they are now, in host memory. */
  Map<String, Tensor> download() {
    float[] values = vector.toFloatArray();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int offset = 0;
    for (Map.Entry<String, Tensor> entry : initial.entrySet()) {
      int end = offset + entry.getValue().size();
      tensors.put(
          entry.getKey(),
          Tensor.wrap(entry.getValue().shape(), java.util.Arrays.copyOfRange(values, offset, end)));
      offset = end;
    }
    return tensors;
  }
}
