package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigList;
import io.prunegrid.job.sweep.Axes.Entry;
import io.prunegrid.job.sweep.Axes.ModelEntry;
import io.prunegrid.job.sweep.Block.Found;
import io.prunegrid.job.sweep.Variants.Pin;
import io.prunegrid.job.sweep.Variants.Variant;
import io.prunegrid.job.sweep.Vocabulary.DataFacts;
import io.prunegrid.pipeline.SubsetConfig;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads one grid of a sweep, checked against the data, networks and criteria that exist. */
final class GridReader {
  private final Vocabulary vocabulary;
  private final Inspection inspection;
  private final Rules rules;
  private final Problems problems;
  private final Axes axes;

  GridReader(Vocabulary vocabulary, Inspection inspection, Rules rules, Problems problems) {
    this.vocabulary = vocabulary;
    this.inspection = inspection;
    this.rules = rules;
    this.problems = problems;
    this.axes = new Axes(problems);
  }

  /**
   * The grid, once for each combination of what it varies.
   *
   * @param sweep the block of the whole sweep
   */
  List<Grid> grids(String name, Block grid, Block sweep) {
    Block layered = EachLayer.asked(grid).map(found -> eachLayer(grid, found)).orElse(grid);
    List<Set<Axis>> zips = Variants.zips(layered);
    return Variants.of(layered).stream().map(variant -> grid(name, variant, zips, sweep)).toList();
  }

  /**
   * The grid with the layers that its methods can prune one by one; the same for all its models.
   */
  private Block eachLayer(Block grid, Found asked) {
    Block plain = EachLayer.without(grid);
    Optional<DataFacts> data = inspection.data(plain);
    MethodReader reader = new MethodReader(vocabulary, problems);
    List<String> layers = List.of();
    for (Entry<ModelEntry> entry : axes.models(plain)) {
      Optional<NetworkFacts> network = inspection.network(entry, plain.find(SweepKeys.DATA), data);
      if (network.isEmpty()) {
        return plain;
      }
      List<GridMethod> methods =
          reader.methods(entry.value().keys()).stream().map(Entry::value).toList();
      List<String> own = EachLayer.of(network.get(), methods);
      if (own.isEmpty() || !(layers.isEmpty() || layers.equals(own))) {
        problems.add(
            asked.origin(),
            asked.path(),
            own.isEmpty()
                ? " is each, but the methods can prune no layer of " + entry.value().label()
                : " is each, but the models have other layers; allowed: a grid for each model");
        return plain;
      }
      layers = own;
    }
    return layers.isEmpty() ? plain : EachLayer.with(grid, asked, layers);
  }

  private Grid grid(String name, Variant variant, List<Set<Axis>> zips, Block sweep) {
    Block keys = variant.keys();
    int before = problems.size();
    Optional<DataFacts> data = inspection.data(keys);
    List<Entry<ModelEntry>> entries = pinned(keys, variant, Axis.MODELS, axes.models(keys));
    List<Entry<SubsetConfig>> subsets =
        pinned(keys, variant, Axis.SUBSETS, axes.subsets(keys, data));
    List<GridModel> models = new ArrayList<>();
    List<Optional<NetworkFacts>> networks = new ArrayList<>();
    MethodReader reader = new MethodReader(vocabulary, problems);
    List<Entry<GridMethod>> written = reader.methods(keys);
    List<Double> ratios =
        pinned(keys, variant, Axis.RATIOS, axes.ratios(keys)).stream()
            .map(Number::doubleValue)
            .toList();
    for (Entry<ModelEntry> entry : entries) {
      ModelEntry model = entry.value();
      Optional<NetworkFacts> network = inspection.network(entry, keys.find(SweepKeys.DATA), data);
      inspection.refuseUntrained(entry);
      List<Entry<GridMethod>> methods =
          pinned(keys, variant, Axis.METHODS, reader.methods(model.keys()));
      MethodReader.selection(model.keys());
      networks.add(network);
      models.add(
          new GridModel(
              model.label(),
              model.model(),
              TrainingReader.training(model.keys(), SweepKeys.TRAIN),
              TrainingReader.training(model.keys(), SweepKeys.RETRAIN),
              methods.stream().map(Entry::value).toList()));
      GridModel last = models.get(models.size() - 1);
      boolean prunes = ratios.stream().anyMatch(ratio -> ratio > 0);
      if (prunes) {
        inspection.refuseWithoutRetraining(methods, last.retrain(), entry);
      }
      if (network.isPresent()) {
        inspection.refuseUnusable(network.get(), subsets, entry);
        if (prunes) {
          inspection.refuseUnprunable(network.get(), methods, entry);
        }
      }
    }
    TrainingReader.training(keys, SweepKeys.TRAIN);
    TrainingReader.training(keys, SweepKeys.RETRAIN);
    MethodReader.selection(keys);
    IdleSettings idle = new IdleSettings(vocabulary, problems, keys, entries);
    idle.refuseGlobs(networks, written);
    if (!variant.varied().containsKey(SweepKeys.APPLY.name())) {
      idle.refuseZeroParts();
    }
    Grid read =
        new Grid(
            name,
            variant.varied(),
            keys.find(SweepKeys.DATA).orElse(""),
            models,
            subsets.stream().map(Entry::value).toList(),
            ratios,
            pinned(keys, variant, Axis.SEEDS, axes.seeds(keys)),
            keys.read(SweepKeys.HEAD),
            zips,
            Optional.empty(),
            List.of());
    zips.forEach(zip -> refuseUneven(keys, zip, read));
    if (problems.size() == before && !read.models().isEmpty()) {
      return ruled(read, keys, sweep);
    }
    Set<String> parameters = new LinkedHashSet<>();
    vocabulary.criteria().forEach(each -> parameters.addAll(vocabulary.parameters(each)));
    rules.checkKeys(sweep, keys, new Rules.Subject(read, keys, parameters));
    return read;
  }

  private Grid ruled(Grid grid, Block keys, Block sweep) {
    Set<String> parameters = new LinkedHashSet<>();
    for (GridMethod method : grid.methods()) {
      parameters.addAll(method.method().parameters().keySet());
    }
    Rules.Subject subject = new Rules.Subject(grid, keys, parameters);
    return new Grid(
        grid.name(),
        grid.varied(),
        grid.data(),
        grid.models(),
        grid.subsets(),
        grid.ratios(),
        grid.seeds(),
        grid.head(),
        grid.zips(),
        rules.only(sweep, subject),
        rules.excluded(keys, subject));
  }

  /** The axis, or where a varied key advances with it the one value that goes with the variant. */
  private <T> List<T> pinned(Block keys, Variant variant, Axis axis, List<T> values) {
    Pin pin = variant.pinned().get(axis);
    if (pin == null) {
      return values;
    }
    if (values.size() != pin.of()) {
      Found zip = keys.lookup(AxisKeys.ZIP).orElseThrow();
      if (!values.isEmpty() && isWhole(keys, axis, values.size())) {
        problems.add(
            zip.origin(),
            zip.path(),
            ": "
                + axis.key()
                + " has "
                + values.size()
                + " values and what varies with it has "
                + pin.of()
                + "; zipped axes are of one length");
      }
      return List.of();
    }
    return List.of(values.get(pin.index()));
  }

  private void refuseUneven(Block keys, Set<Axis> zip, Grid grid) {
    Axis first = zip.iterator().next();
    for (Axis axis : zip) {
      int length = grid.length(axis);
      boolean known = isWhole(keys, axis, length) && isWhole(keys, first, grid.length(first));
      if (known && length != grid.length(first) && length > 0 && grid.length(first) > 0) {
        Found found = keys.lookup(AxisKeys.ZIP).orElseThrow();
        problems.add(
            found.origin(),
            found.path(),
            ": "
                + first.key()
                + " has "
                + grid.length(first)
                + " values and "
                + axis.key()
                + " has "
                + length
                + "; zipped axes are of one length");
      }
    }
  }

  /** Whether nothing that the axis lists was refused, which is told already. */
  private static boolean isWhole(Block keys, Axis axis, int read) {
    return keys.lookup(axis.key())
        .map(found -> !(found.value() instanceof ConfigList list) || list.size() <= read)
        .orElse(true);
  }

  /** What every grid overrides is read by no grid, and may be wrong all the same. */
  void checkOverridden(Block sweep) {
    Optional<DataFacts> data =
        sweep.own(SweepKeys.DATA.name()).flatMap(found -> inspection.data(sweep));
    if (sweep.own(SweepKeys.MODELS).isPresent()) {
      axes.models(sweep);
    }
    if (data.isPresent()) {
      axes.subsets(sweep, data);
    }
    if (sweep.own(SweepKeys.METHODS).isPresent()) {
      new MethodReader(vocabulary, problems).methods(EachLayer.without(sweep));
    }
    if (sweep.own(SweepKeys.RATIOS).isPresent()) {
      axes.ratios(sweep);
    }
    axes.seeds(sweep);
    MethodReader.selection(EachLayer.without(sweep));
  }
}
