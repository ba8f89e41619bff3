package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import io.prunegrid.common.BadInput;
import io.prunegrid.data.Subsets;
import io.prunegrid.job.sweep.Block.Found;
import io.prunegrid.job.sweep.Vocabulary.DataFacts;
import io.prunegrid.pipeline.ModelConfig;
import io.prunegrid.pipeline.SubsetConfig;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/** Reads the axes of a grid: models, subsets, ratios and seeds. Problems are noted, not thrown. */
final class Axes {
  private final Problems problems;

  Axes(Problems problems) {
    this.problems = problems;
  }

  /** A value of an axis and where it stands; nowhere where it is the default. */
  record Entry<T>(T value, Optional<Found> found) {}

  /**
   * A model and what its entry overrides of the grid.
   *
   * @param keys the grid's keys under the entry's own
   */
  record ModelEntry(String label, ModelConfig model, Block keys) {}

  List<Entry<ModelEntry>> models(Block grid) {
    return axis(
        grid,
        SweepKeys.MODELS,
        "a list of names, or of { name, weights, classes, resolution }",
        Optional.empty(),
        found -> model(grid, found),
        entry -> List.of(entry.model(), entry.keys().values()));
  }

  private Optional<ModelEntry> model(Block grid, Found found) {
    Optional<String> plain = Kind.text(found.value());
    if (plain.isPresent()) {
      ModelConfig model =
          new ModelConfig(plain.get(), Optional.empty(), OptionalInt.empty(), OptionalInt.empty());
      ConfigObject nothing = ConfigFactory.empty().root().withOrigin(found.origin());
      Block keys = new Block(nothing, found.path(), Optional.of(grid), problems);
      return Optional.of(new ModelEntry(plain.get(), model, keys));
    }
    if (!(found.value() instanceof ConfigObject)) {
      grid.unfit(found, "a name or { name, weights, classes, resolution }");
      return Optional.empty();
    }
    Block entry = grid.entry(found);
    entry.refuseUnknown(AxisKeys.modelNames());
    Optional<String> weights = entry.find(AxisKeys.WEIGHTS);
    OptionalInt classes = optional(entry.find(AxisKeys.CLASSES));
    OptionalInt resolution = optional(entry.find(AxisKeys.RESOLUTION));
    Optional<String> label = entry.find(AxisKeys.LABEL);
    return entry
        .need(AxisKeys.ENTRY_NAME)
        .map(
            name ->
                new ModelEntry(
                    label.orElse(name),
                    new ModelConfig(name, weights, classes, resolution),
                    entry.within(grid)));
  }

  List<Entry<SubsetConfig>> subsets(Block grid, Optional<DataFacts> data) {
    List<Entry<SubsetConfig>> subsets =
        axis(
            grid,
            SweepKeys.SUBSETS,
            "a list of all, \"0,1,8,9\" or { name, classes }",
            Optional.of(SubsetConfig.ALL),
            found -> subset(grid, found, data),
            SubsetConfig::classes);
    Map<String, Found> names = new LinkedHashMap<>();
    for (Entry<SubsetConfig> entry : subsets) {
      Optional<Found> found = entry.found();
      Found first = found.map(here -> names.putIfAbsent(entry.value().name(), here)).orElse(null);
      if (first != null) {
        problems.add(
            found.get().origin(),
            found.get().path(),
            " has the name '" + entry.value().name() + "', as " + first.path() + " has");
      }
    }
    return subsets;
  }

  private Optional<SubsetConfig> subset(Block grid, Found found, Optional<DataFacts> data) {
    Optional<String> plain = Kind.text(found.value());
    if (plain.isPresent()) {
      return classes(found, List.of(plain.get().split(",", -1)), data)
          .map(classes -> named(Optional.empty(), classes));
    }
    if (found.value() instanceof ConfigList) {
      return classes(grid, found, data).map(classes -> named(Optional.empty(), classes));
    }
    if (!(found.value() instanceof ConfigObject)) {
      grid.unfit(found, "all, \"0,1,8,9\" or { name, classes }");
      return Optional.empty();
    }
    Block entry = grid.entry(found);
    entry.refuseUnknown(List.of(AxisKeys.SUBSET_NAME.name(), AxisKeys.SUBSET_CLASSES));
    Optional<String> name = entry.find(AxisKeys.SUBSET_NAME);
    Optional<Found> list = entry.own(AxisKeys.SUBSET_CLASSES);
    if (list.isEmpty()) {
      entry.missing(AxisKeys.SUBSET_CLASSES, "a list of classes by index or name");
      return Optional.empty();
    }
    boolean isAll =
        Kind.texts("").read(list.get().value()).equals(Optional.of(List.of(Subsets.ALL)));
    if (name.equals(Optional.of(Subsets.ALL)) && !isAll) {
      problems.add(
          found.origin(),
          found.path(),
          " has the name 'all', which means every class; allowed: another name");
      return Optional.empty();
    }
    return classes(entry, list.get(), data).map(classes -> named(name, classes));
  }

  private static SubsetConfig named(Optional<String> name, List<Integer> classes) {
    if (classes.isEmpty()) {
      return new SubsetConfig(name.orElse(SubsetConfig.ALL.name()), classes);
    }
    return new SubsetConfig(
        name.orElse(String.join(",", classes.stream().map(String::valueOf).toList())), classes);
  }

  private Optional<List<Integer>> classes(Block block, Found found, Optional<DataFacts> data) {
    Optional<List<String>> entries =
        block.read(found, Kind.texts("a list of classes by index or name"));
    if (entries.isPresent() && entries.get().isEmpty()) {
      problems.add(found.origin(), found.path(), " is empty; allowed: at least one class");
      return Optional.empty();
    }
    return entries.flatMap(texts -> classes(found, texts, data));
  }

  private Optional<List<Integer>> classes(
      Found found, List<String> entries, Optional<DataFacts> data) {
    if (data.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Subsets.parse(entries, data.get().classNames()));
    } catch (BadInput e) {
      problems.add(found.origin(), found.path(), e);
      return Optional.empty();
    }
  }

  List<Long> seeds(Block grid) {
    Optional<Found> found = grid.lookup(SweepKeys.SEEDS);
    if (found.isPresent() && found.get().value() instanceof ConfigObject) {
      return Ranges.seeds(grid.entry(found.get()));
    }
    return axis(
            grid,
            SweepKeys.SEEDS,
            "a list of whole numbers, or { from, count }",
            Optional.of(0L),
            item -> grid.read(item, AxisKeys.SEED),
            Function.identity())
        .stream()
        .map(Entry::value)
        .toList();
  }

  /** Ratios as canonical decimals: no trailing zeros, a range free of rounding. */
  List<BigDecimal> ratios(Block grid) {
    Optional<Found> found = grid.lookup(SweepKeys.RATIOS);
    if (found.isPresent() && found.get().value() instanceof ConfigObject) {
      return Ranges.decimals(grid.entry(found.get()), AxisKeys.RATIO, SweepKeys.RATIOS);
    }
    return axis(
            grid,
            SweepKeys.RATIOS,
            "a list of numbers in [0, 1), or { from, to, step }",
            Optional.empty(),
            item -> grid.read(item, AxisKeys.RATIO).map(Ranges::canonical),
            Function.identity())
        .stream()
        .map(Entry::value)
        .toList();
  }

  /**
   * Reads a list value by value.
   *
   * @param standard the only value where the list is left out; without it the list is required
   * @param identity what makes two values the same
   */
  private <T, I> List<Entry<T>> axis(
      Block grid,
      String key,
      String allowed,
      Optional<T> standard,
      Function<Found, Optional<T>> reader,
      Function<T, I> identity) {
    Optional<Found> axis = grid.lookup(key);
    if (axis.isEmpty()) {
      if (standard.isEmpty()) {
        grid.missing(key, allowed);
      }
      return standard.map(value -> List.of(new Entry<>(value, Optional.empty()))).orElse(List.of());
    }
    if (!(axis.get().value() instanceof ConfigList list)) {
      grid.unfit(axis.get(), allowed);
      return List.of();
    }
    if (list.isEmpty()) {
      problems.add(axis.get().origin(), axis.get().path(), " is empty; allowed: " + allowed);
    }
    List<Entry<T>> entries = new ArrayList<>();
    Map<I, Found> seen = new LinkedHashMap<>();
    for (int i = 0; i < list.size(); i++) {
      Found found = axis.get().at(i);
      Optional<T> value = reader.apply(found);
      if (value.isPresent()) {
        refuseDuplicate(found, seen.putIfAbsent(identity.apply(value.get()), found));
        entries.add(new Entry<>(value.get(), Optional.of(found)));
      }
    }
    return entries;
  }

  /** Notes that a value of an axis says the same as an earlier one. */
  void refuseDuplicate(Found found, Found earlier) {
    if (earlier != null) {
      problems.add(
          found.origin(),
          found.path(),
          " is " + Block.rendered(found.value()) + ", the same as " + earlier.path());
    }
  }

  private static OptionalInt optional(Optional<Integer> value) {
    return value.map(OptionalInt::of).orElse(OptionalInt.empty());
  }
}
