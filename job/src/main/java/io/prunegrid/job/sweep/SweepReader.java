package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigObject;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.job.sweep.Axes.Entry;
import io.prunegrid.job.sweep.Block.Found;
import io.prunegrid.job.sweep.Vocabulary.DataFacts;
import io.prunegrid.pipeline.ModelConfig;
import io.prunegrid.train.TrainingConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Turns the keys of a sweep into a {@link Sweep}, or into everything that is wrong with them. */
final class SweepReader {
  private final Vocabulary vocabulary;
  private final Problems problems;
  private final Map<String, Optional<DataFacts>> openedData = new HashMap<>();
  private final Map<List<Object>, Collection<String>> checkedNetworks = new HashMap<>();

  /**
   * @param problems what was found before
   */
  SweepReader(Vocabulary vocabulary, Problems problems) {
    this.vocabulary = vocabulary;
    this.problems = problems;
  }

  /**
   * @param sweep what stands in the braces of {@code sweep}
   * @param defaultName the sweep's name where it has none
   * @throws BadInput with every problem, in the order of the lines
   */
  Sweep read(ConfigObject sweep, String defaultName) {
    Block block = new Block(sweep, "sweep", Optional.empty(), problems);
    block.refuseUnknown(SweepKeys.SWEEP_NAMES);
    String name =
        block.lookup(SweepKeys.NAME.name()).isPresent()
            ? block.find(SweepKeys.NAME).orElse(defaultName)
            : defaultName;
    String results = block.find(RunKeys.RESULTS).orElse("results/" + name);
    RunReader run = new RunReader(block);
    Sweep read =
        new Sweep(
            name,
            grids(block),
            results,
            run.stores(results),
            run.models(),
            run.execution(),
            run.limits(),
            run.latency());
    problems.refuseIfAny();
    return read;
  }

  private List<Grid> grids(Block sweep) {
    Optional<Block> named = sweep.inner(SweepKeys.GRIDS);
    if (named.isEmpty()) {
      return List.of(grid(Sweep.MAIN_GRID, sweep));
    }
    if (named.get().values().isEmpty()) {
      problems.add(
          named.get().origin(), named.get().path(), " is empty; allowed: at least one named grid");
    }
    checkOverridden(sweep);
    List<Grid> grids = new ArrayList<>();
    named.get().values().entrySet().stream()
        .sorted(
            Comparator.comparing(
                    (Map.Entry<String, ?> entry) ->
                        named.get().values().get(entry.getKey()).origin().lineNumber())
                .thenComparing(Map.Entry::getKey))
        .forEach(
            entry -> {
              Found found = new Found(entry.getValue(), named.get().path() + "." + entry.getKey());
              if (!(entry.getValue() instanceof ConfigObject)) {
                sweep.unfit(found, "keys in braces");
                return;
              }
              Block own = sweep.entry(found);
              own.refuseUnknown(SweepKeys.GRID_NAMES);
              grids.add(grid(entry.getKey(), own.within(sweep)));
            });
    return grids;
  }

  /** What every grid overrides is read by no grid, and may be wrong all the same. */
  private void checkOverridden(Block sweep) {
    Axes axes = new Axes(problems);
    Optional<DataFacts> data = sweep.own(SweepKeys.DATA.name()).flatMap(found -> data(sweep));
    if (sweep.own(SweepKeys.MODELS).isPresent()) {
      axes.models(sweep);
    }
    if (data.isPresent()) {
      axes.subsets(sweep, data);
    }
    if (sweep.own(SweepKeys.METHODS).isPresent()) {
      new MethodReader(vocabulary, problems).methods(sweep);
    }
    if (sweep.own(SweepKeys.RATIOS).isPresent()) {
      axes.ratios(sweep);
    }
    axes.seeds(sweep);
    MethodReader.selection(sweep);
  }

  private Grid grid(String name, Block grid) {
    Axes axes = new Axes(problems);
    Optional<DataFacts> data = data(grid);
    List<Entry<ModelConfig>> models = axes.models(grid);
    TrainingConfig training = training(grid, SweepKeys.TRAIN);
    Set<String> nodes = new LinkedHashSet<>();
    boolean allKnown = true;
    for (Entry<ModelConfig> model : models) {
      Collection<String> known = network(model, grid.find(SweepKeys.DATA), data);
      allKnown &= !known.isEmpty();
      nodes.addAll(known);
      refuseUntrained(model, grid);
    }
    List<GridMethod> methods = new MethodReader(vocabulary, problems).methods(grid);
    MethodReader.selection(grid);
    if (allKnown && !nodes.isEmpty()) {
      refuseIdleGlobs(grid, nodes);
    }
    return new Grid(
        name,
        grid.find(SweepKeys.DATA).orElse(""),
        models.stream().map(Entry::value).toList(),
        axes.subsets(grid, data).stream().map(Entry::value).toList(),
        methods,
        axes.ratios(grid).stream().map(Number::doubleValue).toList(),
        axes.seeds(grid).stream().map(Entry::value).toList(),
        grid.read(SweepKeys.HEAD),
        training,
        training(grid, SweepKeys.RETRAIN));
  }

  private Optional<DataFacts> data(Block grid) {
    Optional<String> spec = grid.need(SweepKeys.DATA);
    if (spec.isEmpty()) {
      return Optional.empty();
    }
    Optional<DataFacts> known = openedData.get(spec.get());
    if (known == null) {
      try {
        known = Optional.of(vocabulary.data(spec.get()));
      } catch (BadInput e) {
        Found found = grid.lookup(SweepKeys.DATA.name()).orElseThrow();
        problems.add(found.origin(), found.path(), e);
        known = Optional.empty();
      }
      openedData.put(spec.get(), known);
    }
    return known;
  }

  /** Names of the network's nodes; none where something is wrong with it. */
  private Collection<String> network(
      Entry<ModelConfig> model, Optional<String> spec, Optional<DataFacts> data) {
    List<Object> key = List.of(model.value(), spec);
    Collection<String> known = checkedNetworks.get(key);
    if (known == null) {
      try {
        known = vocabulary.network(model.value(), data);
      } catch (BadInput e) {
        Found found = model.found().orElseThrow();
        problems.add(found.origin(), found.path(), e);
        known = List.of();
      }
      checkedNetworks.put(key, known);
    }
    return known;
  }

  /** A base that is trained for no epochs is a slip, unless it was asked for. */
  private void refuseUntrained(Entry<ModelConfig> model, Block grid) {
    boolean asked =
        grid.inner(SweepKeys.TRAIN)
            .flatMap(block -> block.lookup(SweepKeys.EPOCHS.name()))
            .isPresent();
    if (!asked && vocabulary.isTrainedFromScratch(model.value())) {
      Found found = model.found().orElseThrow();
      problems.add(
          found.origin(),
          found.path(),
          " has no weights and is trained from scratch, but sweep.train.epochs is missing;"
              + " allowed: "
              + SweepKeys.EPOCHS.kind().allowed()
              + ", as with --set train.epochs=10");
    }
  }

  private void refuseIdleGlobs(Block grid, Set<String> nodes) {
    List<Block> blocks = new ArrayList<>(List.of(grid));
    new MethodReader(vocabulary, problems).entries(grid).forEach(blocks::add);
    for (Block block : blocks) {
      for (Key<List<String>> key : List.of(SweepKeys.IGNORE, SweepKeys.PROTECT)) {
        Optional<Found> found = block.lookup(key.name());
        for (String glob : found.flatMap(f -> key.kind().read(f.value())).orElse(List.of())) {
          if (nodes.stream().noneMatch(Names.glob(glob).asMatchPredicate())) {
            problems.add(
                found.orElseThrow().origin(),
                found.orElseThrow().path(),
                ": '"
                    + glob
                    + "' matches no layer of any of the models"
                    + Names.nearest(glob, nodes)
                        .map(name -> "; did you mean '" + name + "'?")
                        .orElse(""));
          }
        }
      }
    }
  }

  private TrainingConfig training(Block grid, String key) {
    Optional<Block> block = grid.inner(key);
    for (Block given = block.orElse(null); given != null; given = given.around().orElse(null)) {
      given.refuseUnknown(SweepKeys.names(SweepKeys.TRAINING).toList());
    }
    if (block.isEmpty()) {
      return TrainingConfig.defaults();
    }
    Block keys = block.get();
    return new TrainingConfig(
        keys.read(SweepKeys.EPOCHS),
        keys.read(SweepKeys.OPTIMIZER),
        keys.read(SweepKeys.LEARNING_RATE).doubleValue(),
        keys.read(SweepKeys.MOMENTUM).doubleValue(),
        keys.read(SweepKeys.WEIGHT_DECAY).doubleValue(),
        keys.read(SweepKeys.BATCH),
        keys.read(SweepKeys.SCHEDULE),
        keys.read(SweepKeys.STEP_EPOCHS),
        keys.read(SweepKeys.GAMMA).doubleValue(),
        keys.read(SweepKeys.FLIP),
        keys.read(SweepKeys.CROP),
        keys.read(SweepKeys.VALIDATION).doubleValue(),
        keys.read(SweepKeys.PATIENCE),
        keys.read(SweepKeys.TRAINING_SAMPLES));
  }
}
