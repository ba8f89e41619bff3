package io.prunegrid.channel;

import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.channel.SelectionConfig.Ties;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.common.Sha256;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Tensor;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
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
   * What is selected from.
   *
   * @param scores by parameter name, for instance {@code conv1.weight}, in layer order; NaN where a
   *     weight is not scored: it stays and is in no pool
   * @param blocks of parameters whose weights go or stay in blocks; their scores are of the blocks'
   *     grid, all others' of the parameter's shape
   * @param spared weights or blocks that stay although they are selected
   * @param rule how scores are read; {@code LOWEST} or {@code BELOW_ONE}
   * @param align what stays of a pool is rounded down to a multiple of this, but to one multiple at
   *     least
   * @param skipped names of layers that are protected as the configuration's are
   */
  public record Pool(
      Map<String, Tensor> scores,
      Map<String, Block> blocks,
      Map<String, BitSet> spared,
      Selection.Rule rule,
      int align,
      List<String> skipped) {
    public Pool {
      scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    }

    /** The scores that are ranked: not those of layers that are ignored or left out. */
    Map<String, Tensor> compared(SelectionConfig config) {
      List<Pattern> ignored = config.ignore().stream().map(Names::glob).toList();
      Map<String, Tensor> compared = new LinkedHashMap<>();
      scores.forEach(
          (name, tensor) -> {
            if (!matches(name, ignored) && config.limits().prunes(layer(name))) {
              compared.put(name, tensor);
            }
          });
      return compared;
    }

    /** Single weights, the lowest of which go. */
    public Pool(Map<String, Tensor> scores) {
      this(scores, Map.of(), Map.of(), Selection.Rule.LOWEST, 1, List.of());
    }
  }

  /**
   * Selects the weights of lowest score, see {@link #select(Pool, double, SelectionConfig)}.
   *
   * @param scores by parameter name
   */
  public static WeightMasks select(
      Map<String, Tensor> scores, double ratio, SelectionConfig config) {
    return select(new Pool(scores), ratio, config);
  }

  /**
   * Selects the weights or blocks of lowest score. Global scope compares all parameters' weights
   * with each other, local scope those of one parameter. With {@code ties = exact} exactly the
   * ratio's share goes, among equal scores the earlier first (order of the map, then row-major);
   * with {@code all} every weight not above the last one that goes. Ignored layers' weights stay
   * and are in no pool; protected layers' are ranked and stay. A layer may lose all its weights,
   * see {@link #emptied}.
   *
   * @param ratio share of the weights or blocks that goes, in [0, 1)
   * @throws BadInput for a ratio outside [0, 1)
   */
  public static WeightMasks select(Pool all, double ratio, SelectionConfig config) {
    Share.check(ratio);
    Map<String, Tensor> pool = all.compared(config);
    Map<String, LowestValues> lowest = new LinkedHashMap<>();
    long prunable = 0;
    if (config.scope() == Scope.ISOMORPHIC) {
      throw new BadInput("scope isomorphic compares channels; allowed for masks: local, global");
    }
    LayerNumbers ratios = config.limits().ratios();
    if (config.scope() == Scope.GLOBAL && !ratios.entries().isEmpty()) {
      throw new BadInput(
          "layer-ratios hold for each layer by itself, but scope is global; allowed: scope local");
    }
    if (config.scope() == Scope.GLOBAL) {
      LowestValues shared = lowest(pool.values(), ratio, config, all);
      pool.keySet().forEach(name -> lowest.put(name, shared));
      prunable = shared.size();
    } else {
      for (Map.Entry<String, Tensor> entry : pool.entrySet()) {
        double share = ratio == 0 ? 0 : ratios.of(layer(entry.getKey())).orElse(ratio);
        LowestValues own = lowest(List.of(entry.getValue()), share, config, all);
        lowest.put(entry.getKey(), own);
        prunable += own.size();
      }
    }
    if (!config.limits().caps().entries().isEmpty()) {
      throw new BadInput("layer-caps limit channels; allowed for masks: layer-ratios");
    }
    List<String> globs = new ArrayList<>(config.protect());
    globs.addAll(all.skipped);
    List<Pattern> guarded = globs.stream().map(Names::glob).toList();
    Map<String, Tensor> masks = new LinkedHashMap<>();
    long removed = 0;
    for (Map.Entry<String, Tensor> entry : all.scores.entrySet()) {
      String name = entry.getKey();
      Tensor tensor = entry.getValue();
      BitSet goes = new BitSet(tensor.size());
      LowestValues cut = lowest.get(name);
      BitSet spared = all.spared.getOrDefault(name, new BitSet());
      boolean stays = matches(name, guarded);
      for (int i = 0; i < tensor.size(); i++) {
        goes.set(i, cut != null && cut.takes(tensor.at(i)) && !stays && !spared.get(i));
      }
      removed += goes.cardinality();
      Block block = all.blocks.getOrDefault(name, Block.single(tensor.shape()));
      float[] mask = new float[Math.toIntExact(block.parameter().size())];
      for (int i = 0; i < mask.length; i++) {
        mask[i] = goes.get(block.of(i)) ? 0 : 1;
      }
      masks.put(name, Tensor.wrap(block.parameter(), mask));
    }
    return new WeightMasks(masks, prunable, removed);
  }

  /** How many weights or blocks are in pools, of those that a criterion ranks. */
  public static long prunable(Map<String, Block> ranked, SelectionConfig config) {
    List<Pattern> ignored = config.ignore().stream().map(Names::glob).toList();
    return ranked.entrySet().stream()
        .filter(each -> !matches(each.getKey(), ignored))
        .filter(each -> config.limits().prunes(layer(each.getKey())))
        .mapToLong(each -> each.getValue().count())
        .sum();
  }

  /** Parameters, biases aside, of which masks leave nothing. */
  public static List<String> emptied(Map<String, Tensor> masks) {
    return masks.entrySet().stream()
        .filter(each -> isNeeded(each.getKey()) && zeros(each.getValue()) == each.getValue().size())
        .map(Map.Entry::getKey)
        .toList();
  }

  private static int zeros(Tensor mask) {
    int zeros = 0;
    for (int i = 0; i < mask.size(); i++) {
      zeros += mask.at(i) == 0 ? 1 : 0;
    }
    return zeros;
  }

  /** Whether a layer tells nothing of its input without this parameter. */
  private static boolean isNeeded(String parameter) {
    return !parameter.endsWith("bias");
  }

  private static LowestValues lowest(
      Collection<Tensor> tensors, double ratio, SelectionConfig config, Pool all) {
    long size = LowestValues.count(tensors);
    if (all.rule == Selection.Rule.BELOW_ONE) {
      return ratio == 0 ? LowestValues.none(size) : LowestValues.below(size, 1);
    }
    long asked = Share.removed(size, ratio, config.rounding());
    long stay = size - asked;
    if (asked > 0 && all.align > 1) {
      stay = Math.min(size, Math.max(all.align, stay - stay % all.align));
    }
    return LowestValues.of(tensors, size, size - stay, config.ties() == Ties.ALL);
  }

  /**
   * The same with all weights masked too that only channels use which are left without inputs or
   * without readers (Han et al. 2015). Weights of layers that the configuration ignores or protects
   * stay.
   */
  public WeightMasks withoutIdle(Model model, CoupledChannels channels, SelectionConfig config) {
    List<String> globs = new ArrayList<>(config.ignore());
    globs.addAll(config.guarded(model.graph()));
    List<Pattern> kept = globs.stream().map(Names::glob).toList();
    Predicate<String> stays = name -> matches(name, kept) || !config.limits().prunes(layer(name));
    Map<String, Tensor> dropped = IdleChannels.dropped(model, channels, masks, stays);
    long gone = 0;
    for (Tensor mask : dropped.values()) {
      gone += zeros(mask);
    }
    return new WeightMasks(dropped, prunable, gone);
  }

  static String layer(String parameter) {
    int dot = parameter.lastIndexOf('.');
    return dot < 0 ? parameter : parameter.substring(0, dot);
  }

  static boolean matches(String parameter, List<Pattern> globs) {
    String layer = layer(parameter);
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
