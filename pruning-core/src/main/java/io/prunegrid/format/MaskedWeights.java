package io.prunegrid.format;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which weights of a model are masked, and what they were before.
 *
 * @param masks zeros where a weight is masked and ones elsewhere, by parameter name
 * @param originals for each of them the values of the masked weights, row-major; of one dimension
 */
public record MaskedWeights(Map<String, Tensor> masks, Map<String, Tensor> originals) {
  public MaskedWeights {
    masks = Collections.unmodifiableMap(new TreeMap<>(masks));
    originals = Collections.unmodifiableMap(new TreeMap<>(originals));
  }

  /** What masks of these hide of a model that is not masked yet. */
  public static MaskedWeights of(Model model, Map<String, Tensor> masks) {
    Map<String, Tensor> hiding = new TreeMap<>(masks);
    hiding.values().removeIf(mask -> zeros(mask) == 0);
    Map<String, Tensor> originals = new TreeMap<>();
    hiding.forEach(
        (name, mask) -> {
          Tensor whole = model.weights().get(name);
          float[] hidden = new float[zeros(mask)];
          for (int i = 0, next = 0; i < mask.size(); i++) {
            if (mask.at(i) == 0) {
              hidden[next++] = whole.at(i);
            }
          }
          originals.put(name, Tensor.wrap(Shape.of(hidden.length), hidden));
        });
    return new MaskedWeights(hiding, originals);
  }

  /** The same with more masks over a model that these mask already. */
  public MaskedWeights and(Model masked, Map<String, Tensor> more) {
    Map<String, Tensor> both = new LinkedHashMap<>(masks);
    more.forEach((name, mask) -> both.merge(name, mask, MaskedWeights::both));
    return of(restore(masked), both);
  }

  private static Tensor both(Tensor a, Tensor b) {
    float[] both = a.toArray();
    for (int i = 0; i < both.length; i++) {
      both[i] = b.at(i) == 0 ? 0 : both[i];
    }
    return Tensor.wrap(a.shape(), both);
  }

  /**
   * The model with the masked weights as they were, bit for bit, and all others as they are.
   *
   * @throws IllegalArgumentException where the masks are another model's
   */
  public Model restore(Model masked) {
    Map<String, Tensor> restored = new LinkedHashMap<>();
    masks.forEach(
        (name, mask) -> {
          float[] values = masked.weights().get(name).toArray();
          Tensor hidden = originals.get(name);
          for (int i = 0, next = 0; i < values.length; i++) {
            if (mask.at(i) == 0) {
              values[i] = hidden.at(next++);
            }
          }
          restored.put(name, Tensor.wrap(mask.shape(), values));
        });
    return new Model(masked.graph(), masked.weights().with(restored));
  }

  /** How many weights are masked. */
  public long count() {
    return originals.values().stream().mapToLong(Tensor::size).sum();
  }

  /**
   * Checks that these are the masks of a model.
   *
   * @param folder where they come from
   * @throws BadInput with every parameter that does not fit
   */
  void refuseOthers(Path folder, Model model) {
    List<String> problems = new ArrayList<>();
    if (!masks.keySet().equals(originals.keySet())) {
      problems.add(
          folder + " has masks of " + masks.keySet() + ", but originals of " + originals.keySet());
    } else {
      masks.forEach(
          (name, mask) ->
              problem(name, mask, model).ifPresent(p -> problems.add(folder + ": " + p)));
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }

  private Optional<String> problem(String name, Tensor mask, Model model) {
    if (!model.weights().names().contains(name)) {
      return Optional.of("the mask of '" + name + "' is of no parameter of the network");
    }
    Tensor weights = model.weights().get(name);
    if (!weights.shape().equals(mask.shape())) {
      return Optional.of(
          "the mask of '" + name + "' is " + mask.shape() + " instead of " + weights.shape());
    }
    for (int i = 0; i < mask.size(); i++) {
      if (mask.at(i) != 0 && mask.at(i) != 1) {
        return Optional.of(
            "the mask of '" + name + "' has a " + mask.at(i) + ", expected zeros and ones");
      }
      if (mask.at(i) == 0 && weights.at(i) != 0) {
        return Optional.of("'" + name + "' has weights that its mask hides and that are not zero");
      }
    }
    int hidden = originals.get(name).size();
    return hidden == zeros(mask)
        ? Optional.empty()
        : Optional.of(
            "the mask of '"
                + name
                + "' hides "
                + zeros(mask)
                + " weights, but there are "
                + hidden
                + " originals");
  }

  private static int zeros(Tensor mask) {
    int zeros = 0;
    for (int i = 0; i < mask.size(); i++) {
      zeros += mask.at(i) == 0 ? 1 : 0;
    }
    return zeros;
  }
}
