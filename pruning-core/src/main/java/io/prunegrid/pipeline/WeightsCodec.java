package io.prunegrid.pipeline;

import io.prunegrid.format.Safetensors;
import io.prunegrid.graph.Weights;

/** Weights as a safetensors file. */
final class WeightsCodec implements Codec<Weights> {
  static final WeightsCodec INSTANCE = new WeightsCodec();

  private WeightsCodec() {}

  @Override
  public byte[] encode(Weights weights) {
    return Safetensors.encode(weights);
  }

  @Override
  public Weights decode(byte[] bytes) {
    return new Weights(Safetensors.decode(bytes, "a base in the store"));
  }
}
