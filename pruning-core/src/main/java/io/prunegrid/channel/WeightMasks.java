package io.prunegrid.channel;

import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.SelectionConfig.Ties;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.common.Sha256;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Tensor;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Single weights that go: zeros where a weight goes and ones where it stays, for each scored
 * parameter (unstructured pruning, Han et al. 2015).
 *
 * @param masks by parameter name, in the order of the scores; each of the parameter's shape
 * @param prunable weights in the pool: scored, and not of an ignored layer
 * @param removed weights that go
 */
public record WeightMasks(Map<String, Tensor> masks, long prunable, long removed) {
  public WeightMasks {
    masks = Collections.unmodifiableMap(new LinkedHashMap<>(masks));
  }

  /** Share of the prunable weights that go, in [0, 1]; 0 where none is prunable. */
  public double reached() {
    return prunable == 0 ? 0 : (double) removed / prunable;
  }

  /**
   * Selects the weights of lowest score. Global scope compares all parameters' weights with each
   * other, local scope those of one parameter. With {@code ties = exact} exactly the ratio's share
   * goes, among equal scores the earlier first (order of the map, then row-major); with {@code all}
   * every weight not above the last one that goes. Ignored layers' weights stay and are in no pool;
   * protected layers' are ranked and stay.
   *
   * @param scores by parameter name, for instance {@code conv1.weight}, in layer order; NaN where a
   *     weight is not scored: it stays and is in no pool
   * @param ratio share of the weights that goes, in [0, 1)
   * @throws BadInput for a ratio outside [0, 1)
   */
  public static WeightMasks select(
      Map<String, Tensor> scores, double ratio, SelectionConfig config) {
    Share.check(ratio);
    List<Pattern> ignored = config.ignore().stream().map(Names::glob).toList();
    Map<String, Tensor> pool = new LinkedHashMap<>();
    scores.forEach(
        (name, tensor) -> {
          if (!matches(name, ignored)) {
            pool.put(name, tensor);
          }
        });
    Map<String, LowestValues> lowest = new LinkedHashMap<>();
    long prunable = 0;
    if (config.scope() == Scope.GLOBAL) {
      LowestValues shared = lowest(pool.values(), ratio, config);
      pool.keySet().forEach(name -> lowest.put(name, shared));
      prunable = shared.size();
    } else {
      for (Map.Entry<String, Tensor> entry : pool.entrySet()) {
        LowestValues own = lowest(List.of(entry.getValue()), ratio, config);
        lowest.put(entry.getKey(), own);
        prunable += own.size();
      }
    }
    List<Pattern> guarded = config.protect().stream().map(Names::glob).toList();
    Map<String, Tensor> masks = new LinkedHashMap<>();
    long removed = 0;
    for (Map.Entry<String, Tensor> entry : scores.entrySet()) {
      String name = entry.getKey();
      Tensor tensor = entry.getValue();
      float[] mask = new float[tensor.size()];
      LowestValues cut = lowest.get(name);
      boolean stays = matches(name, guarded);
      for (int i = 0; i < mask.length; i++) {
        boolean goes = cut != null && cut.takes(tensor.at(i)) && !stays;
        mask[i] = goes ? 0 : 1;
        removed += goes ? 1 : 0;
      }
      masks.put(name, Tensor.wrap(tensor.shape(), mask));
    }
    return new WeightMasks(masks, prunable, removed);
  }

  private static LowestValues lowest(
      Collection<Tensor> tensors, double ratio, SelectionConfig config) {
    long size = LowestValues.count(tensors);
    long asked = Share.removed(size, ratio, config.rounding());
    return LowestValues.of(tensors, size, asked, config.ties() == Ties.ALL);
  }

  private static boolean matches(String parameter, List<Pattern> globs) {
    int dot = parameter.lastIndexOf('.');
    String layer = dot < 0 ? parameter : parameter.substring(0, dot);
    return globs.stream().anyMatch(glob -> glob.matcher(layer).matches());
  }

  /** SHA-256 of the masks as bytes 0 and 1, row-major, in the masks' order. */
  public String keepHash() {
    MessageDigest digest = Sha256.digest();
    for (Tensor mask : masks.values()) {
      byte[] bytes = new byte[mask.size()];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) mask.at(i);
      }
      digest.update(bytes);
    }
    return Sha256.hex(digest);
  }

  /** The model with every masked parameter multiplied by its mask; zeros are plain zeros. */
  public Model apply(Model model) {
    return apply(model, masks);
  }

  /**
   * The model with zeros wherever a mask has them.
   *
   * @param masks zeros and ones by parameter name
   * @throws IllegalArgumentException for a mask of an unknown parameter or another shape
   */
  public static Model apply(Model model, Map<String, Tensor> masks) {
    Map<String, Tensor> changed = new LinkedHashMap<>();
    masks.forEach(
        (name, mask) -> {
          Tensor tensor = model.weights().get(name);
          if (!tensor.shape().equals(mask.shape())) {
            throw new IllegalArgumentException(
                "mask of " + name + " is " + mask.shape() + " instead of " + tensor.shape());
          }
          float[] values = tensor.toArray();
          for (int i = 0; i < values.length; i++) {
            values[i] = mask.at(i) == 0 ? 0 : values[i];
          }
          changed.put(name, Tensor.wrap(tensor.shape(), values));
        });
    return new Model(model.graph(), model.weights().with(changed));
  }
}
