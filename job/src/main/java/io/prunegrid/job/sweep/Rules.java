package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import io.prunegrid.common.Names;
import io.prunegrid.job.sweep.Block.Found;
import io.prunegrid.pipeline.SubsetConfig;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/**
 * Reads {@code only} and {@code exclude}: keys that name axes, with the values that match. A value
 * that matches nothing in any grid is most likely a slip and is noted once all grids have been
 * seen.
 */
final class Rules {
  static final String GRID = "grid";

  private final Problems problems;
  private final Map<Found, Set<String>> wanted = new LinkedHashMap<>();
  private final Set<List<Object>> matched = new HashSet<>();
  private final Map<Found, Set<String>> known = new HashMap<>();
  private final Set<String> variedSomewhere = new LinkedHashSet<>();

  Rules(Problems problems) {
    this.problems = problems;
  }

  /**
   * What rules can tell cells of a grid by.
   *
   * @param keys the grid's, which say what it has where another grid varies
   */
  record Subject(Grid grid, Block keys, Collection<String> parameters) {}

  /** Keys that some grid of the sweep varies: a rule of the sweep may name them in all grids. */
  void mayName(Collection<String> varied) {
    variedSomewhere.addAll(varied);
  }

  /** The cells of the grid that {@code only} keeps; absent where it stands nowhere. */
  Optional<CellRule> only(Block sweep, Subject subject) {
    return sweep.inner(AxisKeys.ONLY).map(block -> rule(block, subject).orElseGet(() -> nothing()));
  }

  /** The cells of the grid that {@code exclude} takes out, here and in the block around. */
  List<CellRule> excluded(Block grid, Subject subject) {
    List<CellRule> rules = new ArrayList<>();
    exclusions(grid).forEach(block -> rule(block, subject).ifPresent(rules::add));
    return rules;
  }

  /** Where the grid's values are wrong, rules can be wrong all the same: notes unknown keys. */
  void checkKeys(Block sweep, Block grid, Subject subject) {
    List<Block> blocks = new ArrayList<>(exclusions(grid));
    sweep.inner(AxisKeys.ONLY).ifPresent(blocks::add);
    Set<String> keys = keys(subject);
    for (Block block : blocks) {
      flat(block)
          .forEach(
              (key, found) -> {
                if (!keys.contains(key)) {
                  noteUnknown(block, key, found, keys);
                }
              });
    }
  }

  private void noteUnknown(Block block, String key, Found found, Set<String> keys) {
    problems.add(found.origin(), Names.unknown("key of " + block.path(), key, keys));
  }

  private List<Block> exclusions(Block grid) {
    List<Block> blocks = new ArrayList<>();
    for (Block block = grid; block != null; block = block.around().orElse(null)) {
      Optional<Found> found = block.own(AxisKeys.EXCLUDE);
      if (found.isEmpty()) {
        continue;
      }
      if (!(found.get().value() instanceof ConfigList list)) {
        block.unfit(found.get(), "a list of { axis = value, ... }");
        continue;
      }
      for (int i = 0; i < list.size(); i++) {
        Found entry = found.get().at(i);
        if (!(entry.value() instanceof ConfigObject object) || object.isEmpty()) {
          block.unfit(entry, "{ axis = value, ... }");
          continue;
        }
        blocks.add(block.entry(entry));
      }
    }
    return blocks;
  }

  private Set<String> keys(Subject subject) {
    Set<String> keys = new LinkedHashSet<>();
    for (Axis axis : Axis.values()) {
      keys.add(axis.one());
    }
    keys.add(GRID);
    keys.addAll(subject.grid().varied().keySet());
    keys.addAll(variedSomewhere);
    keys.addAll(subject.parameters());
    return keys;
  }

  private static CellRule nothing() {
    return new CellRule(Map.of(Axis.MODELS, new BitSet()));
  }

  /** The rule's cells in this grid; empty where it holds for none of them. */
  private Optional<CellRule> rule(Block block, Subject subject) {
    Grid grid = subject.grid();
    Set<String> keys = keys(subject);
    Map<Axis, BitSet> positions = new EnumMap<>(Axis.class);
    boolean possible = true;
    for (Map.Entry<String, Found> entry : flat(block).entrySet()) {
      Optional<Axis> axis = axis(entry.getKey());
      Found found = entry.getValue();
      if (axis.isPresent()) {
        BitSet set = matching(found, axis.get(), grid, texts(block, found));
        positions.merge(axis.get(), set, Rules::both);
      } else if (subject.parameters().contains(entry.getKey())) {
        BitSet set = byParameter(found, entry.getKey(), grid, texts(block, found));
        positions.merge(Axis.METHODS, set, Rules::both);
      } else if (keys.contains(entry.getKey())) {
        Optional<String> value = value(entry.getKey(), subject);
        possible &=
            value.isPresent()
                && any(found, texts(block, found), List.of(value.get()), Rules::globs);
      } else {
        noteUnknown(block, entry.getKey(), found, keys);
      }
    }
    possible &= positions.values().stream().noneMatch(BitSet::isEmpty);
    return possible ? Optional.of(new CellRule(positions)) : Optional.empty();
  }

  /** What the grid has under a key that it, or another grid, varies. */
  private static Optional<String> value(String key, Subject subject) {
    if (key.equals(GRID)) {
      return Optional.of(subject.grid().name());
    }
    String varied = subject.grid().varied().get(key);
    return varied != null ? Optional.of(varied) : subject.keys().at(key).flatMap(Kind::text);
  }

  /** Keys with dots are nested where they were written without quotes. */
  private static Map<String, Found> flat(Block block) {
    Map<String, Found> flat = new TreeMap<>();
    block
        .values()
        .toConfig()
        .entrySet()
        .forEach(
            entry -> {
              String key = String.join(".", ConfigUtil.splitPath(entry.getKey()));
              flat.put(key, new Found(entry.getValue(), block.path() + "." + key));
            });
    return flat;
  }

  private static Optional<Axis> axis(String key) {
    for (Axis axis : Axis.values()) {
      if (axis.one().equals(key)) {
        return Optional.of(axis);
      }
    }
    return Optional.empty();
  }

  private List<String> texts(Block block, Found found) {
    return block.read(found, Kind.texts("a value, or a list of values")).orElse(List.of());
  }

  private BitSet matching(Found found, Axis axis, Grid grid, List<String> values) {
    return switch (axis) {
      case MODELS ->
          positions(found, values, grid.models().size(), i -> names(grid.models().get(i)));
      case METHODS ->
          positions(
              found,
              values,
              grid.length(Axis.METHODS),
              i -> {
                GridMethod method = grid.methods().get(i);
                return List.of(method.label(), method.method().name());
              });
      case SUBSETS ->
          positions(found, values, grid.subsets().size(), i -> names(grid.subsets().get(i)));
      case RATIOS -> numbers(found, values, grid.ratios());
      case SEEDS -> numbers(found, values, grid.seeds());
    };
  }

  private static List<String> names(GridModel model) {
    return List.of(model.label(), model.model().name());
  }

  private static List<String> names(SubsetConfig subset) {
    return List.of(
        subset.name(), String.join(",", subset.classes().stream().map(String::valueOf).toList()));
  }

  private interface Written {
    List<String> at(int index);
  }

  private BitSet positions(Found found, List<String> values, int length, Written written) {
    return where(length, i -> any(found, values, written.at(i), Rules::globs));
  }

  private BitSet byParameter(Found found, String parameter, Grid grid, List<String> values) {
    return where(
        grid.length(Axis.METHODS),
        i -> {
          String value = grid.methods().get(i).method().parameters().get(parameter);
          return value != null && any(found, values, List.of(value), Rules::globs);
        });
  }

  private BitSet numbers(Found found, List<String> values, List<? extends Number> numbers) {
    List<String> readable = new ArrayList<>();
    for (String value : values) {
      if (Comparison.of(value).isPresent()) {
        readable.add(value);
      } else {
        problems.add(
            found.origin(),
            found.path(),
            " is '" + value + "'; allowed: a number, or one after <, <=, > or >=");
      }
    }
    return where(
        numbers.size(),
        i ->
            any(
                found,
                readable,
                List.of(numbers.get(i).toString()),
                value -> Comparison.of(value).orElseThrow()));
  }

  private static BitSet where(int length, IntPredicate holds) {
    BitSet set = new BitSet(length);
    for (int i = 0; i < length; i++) {
      set.set(i, holds.test(i));
    }
    return set;
  }

  private interface Matcher {
    Predicate<String> of(String value);
  }

  /** Whether a value matches one of the names; every value that does so is remembered. */
  private boolean any(Found found, List<String> values, List<String> names, Matcher matcher) {
    wanted.computeIfAbsent(found, f -> new LinkedHashSet<>()).addAll(values);
    known.computeIfAbsent(found, f -> new LinkedHashSet<>()).add(names.get(0));
    boolean any = false;
    for (String value : values) {
      if (names.stream().anyMatch(matcher.of(value))) {
        matched.add(List.of(found, value));
        any = true;
      }
    }
    return any;
  }

  private static Predicate<String> globs(String value) {
    return Names.glob(value).asMatchPredicate();
  }

  private static BitSet both(BitSet one, BitSet other) {
    BitSet both = (BitSet) one.clone();
    both.and(other);
    return both;
  }

  /** Notes every value that matched nothing in any grid. */
  void noteIdle() {
    wanted.forEach(
        (found, values) ->
            values.stream()
                .filter(value -> !matched.contains(List.of(found, value)))
                .forEach(
                    value ->
                        problems.add(
                            found.origin(),
                            found.path(),
                            ": '"
                                + value
                                + "' matches nothing"
                                + near(value, known.get(found))
                                    .map(name -> "; did you mean '" + name + "'?")
                                    .orElse(";")
                                + " there are: "
                                + shortened(known.get(found)))));
  }

  /** Numbers are not misspelled. */
  private static Optional<String> near(String value, Set<String> names) {
    return Comparison.of(value).isPresent() ? Optional.empty() : Names.nearest(value, names);
  }

  private static String shortened(Set<String> names) {
    return names.size() <= 20
        ? String.join(", ", names)
        : String.join(", ", names.stream().limit(20).toList()) + ", ...";
  }
}
