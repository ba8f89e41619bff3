package io.prunegrid.pipeline;

import java.io.Serializable;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which network a cell starts from.
 *
 * @param name a zoo name, or a model folder
 * @param weights a checkpoint file, or {@code procedural}; without it a zoo network is trained from
 *     scratch, and a model folder brings its own
 * @param classes outputs of the head; the data's classes, or with a checkpoint the published
 *     number, where absent
 * @param resolution height and width of the input; the data's where absent
 */
public record ModelConfig(
    String name, Optional<String> weights, OptionalInt classes, OptionalInt resolution)
    implements Serializable {
  /** An Optional cannot be serialized; what stands for it can. */
  private Object writeReplace() {
    return new Sent(name, weights.orElse(null), classes.orElse(0), resolution.orElse(0));
  }

  private record Sent(String name, String weights, int classes, int resolution)
      implements Serializable {
    private Object readResolve() {
      return new ModelConfig(
          name, Optional.ofNullable(weights), positive(classes), positive(resolution));
    }

    private static OptionalInt positive(int value) {
      return value == 0 ? OptionalInt.empty() : OptionalInt.of(value);
    }
  }
}
