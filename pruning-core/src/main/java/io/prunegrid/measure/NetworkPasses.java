package io.prunegrid.measure;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Shape;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.InferenceSession;

/**
 * Inference as it is timed: from a batch of images in the host's memory to the outputs in the
 * host's memory, batch norm folded, on the engine's device with its threads.
 */
public final class NetworkPasses {
  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  private NetworkPasses() {}

  /**
   * A network that reads {@link #images one fixed batch}.
   *
   * @param batch images of a pass, at least 1
   * @throws BadInput where so many images do not fit into one array
   */
  public static Passes.Source of(Engine engine, Model model, int batch) {
    float[] images = images(model.graph().input(), batch);
    return () -> {
      InferenceSession session = engine.inference(model, batch);
      return new Passes() {
        @Override
        public void pass() {
          session.logits(images, batch);
        }

        @Override
        public void close() {
          session.close();
        }
      };
    };
  }

  /**
   * The images that every network of this input reads, uniform in [-1, 1).
   *
   * @param image shape of one
   * @param batch how many, at least 1
   * @return {@code (batch, image)}
   * @throws BadInput where so many images do not fit into one array
   */
  public static float[] images(Shape image, int batch) {
    SplitMix64 stream = new SplitMix64(SplitMix64.fnv1a64("latency/images"));
    if (image.size() > LARGEST_ARRAY / batch) {
      throw new BadInput(
          "batch size "
              + batch
              + " is too large for images of "
              + image
              + "; at most "
              + LARGEST_ARRAY / image.size());
    }
    float[] images = new float[Math.toIntExact(batch * image.size())];
    for (int i = 0; i < images.length; i++) {
      images[i] = 2 * stream.nextFloat() - 1;
    }
    return images;
  }

  /** Several networks one after the other as one pass. */
  public static Passes.Source inSequence(Passes.Source first, Passes.Source second) {
    return () -> {
      Passes one = first.open();
      Passes other = second.open();
      return new Passes() {
        @Override
        public void pass() {
          one.pass();
          other.pass();
        }

        @Override
        public void close() {
          one.close();
          other.close();
        }
      };
    };
  }
}
