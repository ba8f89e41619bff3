package io.prunegrid.format;

import io.prunegrid.format.PickleValue.Storage;
import io.prunegrid.format.PickleValue.StoredTensor;
import io.prunegrid.graph.Tensor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A checkpoint's object, and where its storages lie.
 *
 * @param root what was saved
 * @param storages the elements of every storage by key, each of the length its description says
 */
record TorchFile(Object root, Map<String, Bytes> storages) {
  /** The tensors of the state dict as floats. */
  Map<String, Tensor> tensors(TensorDecoder decoder) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, StoredTensor> entry : StateDict.find(root).entrySet()) {
      StoredTensor stored = entry.getValue();
      Storage storage = stored.storage();
      ElementType type = storage.type();
      expectWeights(entry.getKey(), type.toString(), type.isFloating());
      String name = "storage " + Malformed.quote(storage.key());
      Bytes view =
          storages
              .get(storage.key())
              .slice(
                  storage.viewFrom() * type.bytes(), storage.viewElements() * type.bytes(), name);
      tensors.put(
          entry.getKey(),
          decoder.strided(
              entry.getKey(), view, type, stored.offset(), stored.size(), stored.stride()));
    }
    return tensors;
  }

  /**
   * Weights are floating; the counters of batch normalization, which nothing here uses, need not
   * be.
   */
  static void expectWeights(String name, String type, boolean floating) throws IOException {
    boolean counter = name.endsWith("num_batches_tracked") && type.equals("int64");
    if (!floating && !counter) {
      throw new Malformed(
          Malformed.quote(name)
              + " holds "
              + type
              + "; weights can be float32, float64, float16 or bfloat16");
    }
  }
}
