package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.job.sweep.Block.Found;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Takes a grid's keys apart into variants: one for every combination of the values of the keys in
 * {@code vary}, where keys and axes in one {@code zip} advance together.
 */
final class Variants {
  private static final int MOST = 10_000;
  private static final Set<String> AXES_AND_RULES =
      Set.of(
          SweepKeys.MODELS,
          SweepKeys.SUBSETS,
          SweepKeys.METHODS,
          SweepKeys.RATIOS,
          SweepKeys.SEEDS,
          AxisKeys.VARY,
          AxisKeys.ZIP,
          AxisKeys.EXCLUDE);

  private final Block grid;
  private final Problems problems;
  private final Map<String, List<Found>> varied = new LinkedHashMap<>();
  private final List<Set<String>> zips;

  private Variants(Block grid) {
    this.grid = grid;
    this.problems = grid.problems();
    readVaried();
    this.zips = readZips();
  }

  /**
   * One variant.
   *
   * @param keys the grid's keys, the varied ones set
   * @param varied what they were set to
   * @param pinned axes that advance with them: only this value of the axis is in the variant
   */
  record Variant(Block keys, SortedMap<String, String> varied, Map<Axis, Pin> pinned) {}

  /** One value of an axis that must have so many. */
  record Pin(int index, int of) {}

  /** All variants; with a problem noted where they cannot be told. */
  static List<Variant> of(Block grid) {
    return new Variants(grid).all();
  }

  /** Axes that advance together beside any varied key. */
  static List<Set<Axis>> zips(Block grid) {
    Variants variants = new Variants(grid);
    List<Set<Axis>> zips = new ArrayList<>();
    for (Set<String> zip : variants.zips) {
      if (zip.stream().noneMatch(variants.varied::containsKey)) {
        Set<Axis> axes = new LinkedHashSet<>();
        zip.forEach(key -> axis(key).ifPresent(axes::add));
        zips.add(axes);
      }
    }
    return zips;
  }

  /** The keys that a grid varies. */
  static Set<String> variedKeys(Block grid) {
    return new Variants(grid).varied.keySet();
  }

  private void readVaried() {
    EachLayer.listed(grid)
        .ifPresent(
            found -> {
              List<Found> layers = values(found);
              if (!layers.isEmpty()) {
                varied.put(SweepKeys.LAYER.name(), layers);
              }
            });
    Optional<Found> found = grid.lookup(AxisKeys.VARY);
    if (found.isEmpty()) {
      return;
    }
    if (!(found.get().value() instanceof ConfigObject object)) {
      grid.unfit(found.get(), "{ key = [values], ... }");
      return;
    }
    Map<String, ConfigValue> entries = new TreeMap<>();
    flatten(object, "", entries);
    entries.forEach(
        (key, value) -> {
          Found entry = new Found(value, found.get().path() + "." + key);
          if (isKnown(entry, key)) {
            List<Found> values = values(entry);
            if (!values.isEmpty()) {
              varied.put(key, values);
            }
          }
        });
  }

  /** {@code retrain { lr = [..] }} says the same as {@code "retrain.lr" = [..]}. */
  private static void flatten(ConfigObject object, String path, Map<String, ConfigValue> to) {
    object.forEach(
        (key, value) -> {
          String full = path.isEmpty() ? key : path + "." + key;
          boolean block = key.equals(SweepKeys.TRAIN) || key.equals(SweepKeys.RETRAIN);
          if (block && value instanceof ConfigObject inner) {
            flatten(inner, full, to);
          } else {
            to.put(full, value);
          }
        });
  }

  private boolean isKnown(Found entry, String key) {
    List<String> path = ConfigUtil.splitPath(key);
    List<String> names =
        SweepKeys.GRID_NAMES.stream().filter(name -> !AXES_AND_RULES.contains(name)).toList();
    if (!names.contains(path.get(0))) {
      problems.add(entry.origin(), Names.unknown("key of " + AxisKeys.VARY, key, names));
      return false;
    }
    try {
      Overrides.refuseUnknownInside(AxisKeys.VARY, path);
      return true;
    } catch (BadInput e) {
      e.problems().forEach(problem -> problems.add(entry.origin(), problem));
      return false;
    }
  }

  private List<Found> values(Found entry) {
    if (entry.value() instanceof ConfigObject) {
      List<Found> values = new ArrayList<>();
      for (var decimal : Ranges.decimals(grid.entry(entry), AxisKeys.FROM.kind(), "values")) {
        ConfigValue value =
            ConfigValueFactory.fromAnyRef(decimal.toPlainString()).withOrigin(entry.origin());
        values.add(new Found(value, entry.path()));
      }
      return values;
    }
    if (!(entry.value() instanceof ConfigList list) || list.isEmpty()) {
      grid.unfit(entry, "a list of values, or a range");
      return List.of();
    }
    List<Found> values = new ArrayList<>();
    Map<ConfigValue, Found> seen = new HashMap<>();
    for (int i = 0; i < list.size(); i++) {
      Found value = entry.at(i);
      new Axes(problems).refuseDuplicate(value, seen.putIfAbsent(value.value(), value));
      values.add(value);
    }
    return values;
  }

  private List<Set<String>> readZips() {
    Optional<Found> found = grid.lookup(AxisKeys.ZIP);
    if (found.isEmpty()) {
      return List.of();
    }
    String allowed = "a list of lists of axes that advance together, as in [[models, seeds]]";
    if (!(found.get().value() instanceof ConfigList list)) {
      grid.unfit(found.get(), allowed);
      return List.of();
    }
    boolean single = !list.isEmpty() && list.stream().allMatch(item -> Kind.text(item).isPresent());
    List<Found> groups = new ArrayList<>();
    if (single) {
      groups.add(found.get());
    } else {
      for (int i = 0; i < list.size(); i++) {
        groups.add(found.get().at(i));
      }
    }
    List<Set<String>> read = new ArrayList<>();
    Set<String> seen = new LinkedHashSet<>();
    for (Found group : groups) {
      Optional<List<String>> names = grid.read(group, Kind.texts(allowed));
      names.ifPresent(keys -> readZip(group, keys, seen).ifPresent(read::add));
    }
    return read;
  }

  private Optional<Set<String>> readZip(Found group, List<String> keys, Set<String> seen) {
    List<String> known = new ArrayList<>(Axis.keys());
    known.addAll(varied.keySet());
    int before = problems.size();
    for (String key : keys) {
      if (!known.contains(key)) {
        problems.add(group.origin(), group.path(), ": " + Names.unknown("axis", key, known));
      } else if (!seen.add(key)) {
        problems.add(group.origin(), group.path(), ": '" + key + "' is zipped twice");
      }
    }
    if (keys.size() < 2) {
      problems.add(group.origin(), group.path(), " names one axis; allowed: at least two");
    }
    return problems.size() > before ? Optional.empty() : Optional.of(new LinkedHashSet<>(keys));
  }

  private List<Variant> all() {
    List<Variant> variants = new ArrayList<>(List.of(new Variant(grid, new TreeMap<>(), Map.of())));
    Set<String> done = new LinkedHashSet<>();
    for (String key : varied.keySet()) {
      if (!done.contains(key)) {
        Set<String> together = zipOf(key);
        done.addAll(together);
        variants = times(variants, together);
      }
    }
    return variants;
  }

  private Set<String> zipOf(String key) {
    return zips.stream().filter(zip -> zip.contains(key)).findFirst().orElse(Set.of(key));
  }

  private List<Variant> times(List<Variant> variants, Set<String> together) {
    List<String> keys = together.stream().filter(varied::containsKey).toList();
    int length = varied.get(keys.get(0)).size();
    for (String key : keys) {
      if (varied.get(key).size() != length) {
        Found zip = grid.lookup(AxisKeys.ZIP).orElseThrow();
        problems.add(
            zip.origin(),
            zip.path(),
            ": "
                + keys.get(0)
                + " has "
                + length
                + " values and "
                + key
                + " has "
                + varied.get(key).size()
                + "; zipped axes are of one length");
        return variants;
      }
    }
    if ((long) variants.size() * length > MOST) {
      Found vary = grid.lookup(AxisKeys.VARY).orElseThrow();
      problems.add(vary.origin(), vary.path(), " makes more than " + MOST + " combinations");
      return variants;
    }
    List<Variant> product = new ArrayList<>();
    for (Variant variant : variants) {
      for (int i = 0; i < length; i++) {
        product.add(set(variant, together, new Pin(i, length)));
      }
    }
    return product;
  }

  private Variant set(Variant variant, Set<String> together, Pin pin) {
    ConfigObject values = variant.keys().values();
    SortedMap<String, String> set = new TreeMap<>(variant.varied());
    Map<Axis, Pin> pinned = new EnumMap<>(Axis.class);
    pinned.putAll(variant.pinned());
    for (String key : together) {
      if (varied.containsKey(key)) {
        ConfigValue value = varied.get(key).get(pin.index()).value();
        values = values.toConfig().withValue(key, value).root();
        set.put(key, Kind.text(value).orElseGet(() -> Block.rendered(value)));
      } else {
        pinned.put(axis(key).orElseThrow(), pin);
      }
    }
    Block keys =
        new Block(
            values, variant.keys().path(), variant.keys().around(), variant.keys().problems());
    return new Variant(keys, set, pinned);
  }

  private static Optional<Axis> axis(String key) {
    for (Axis axis : Axis.values()) {
      if (axis.key().equals(key)) {
        return Optional.of(axis);
      }
    }
    return Optional.empty();
  }
}
