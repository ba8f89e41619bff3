package io.prunegrid.graph;

import io.prunegrid.common.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Tensors by torch-style parameter name, for instance {@code layer1.0.conv1.weight}. Immutable, in
 * insertion order.
 */
public final class Weights {
  private final Map<String, Tensor> tensors;

  public Weights(Map<String, Tensor> tensors) {
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  public Tensor get(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("no tensor is named '" + name + "'");
    }
    return tensor;
  }

  public boolean contains(String name) {
    return tensors.containsKey(name);
  }

  public Set<String> names() {
    return tensors.keySet();
  }

  public Map<String, Tensor> asMap() {
    return tensors;
  }

  /** These weights with some tensors replaced or added. */
  public Weights with(Map<String, Tensor> changed) {
    Map<String, Tensor> merged = new LinkedHashMap<>(tensors);
    merged.putAll(changed);
    return new Weights(merged);
  }

  /**
   * SHA-256 over names, shapes and little-endian values in name order: the identity of the content.
   */
  public String contentHash() {
    MessageDigest digest = Sha256.digest();
    new TreeMap<>(tensors)
        .forEach(
            (name, tensor) -> {
              digest.update((name + tensor.shape() + "\n").getBytes(StandardCharsets.UTF_8));
              ByteBuffer bytes = ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN);
              for (int i = 0; i < tensor.size(); i++) {
                if (!bytes.hasRemaining()) {
                  digest.update(bytes.flip());
                  bytes.clear();
                }
                bytes.putFloat(tensor.at(i));
              }
              digest.update(bytes.flip());
            });
    return Sha256.hex(digest);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Weights weights && tensors.equals(weights.tensors);
  }

  @Override
  public int hashCode() {
    return tensors.hashCode();
  }
}
