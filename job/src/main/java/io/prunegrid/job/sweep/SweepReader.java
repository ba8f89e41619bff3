package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigObject;
import io.prunegrid.common.BadInput;
import io.prunegrid.job.sweep.Block.Found;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns the keys of a sweep into a {@link Sweep}, or into everything that is wrong with them. */
final class SweepReader {
  /** More cells than anybody can run; what makes them is most likely a slip. */
  private static final long MOST_CELLS = 10_000_000;

  private final Vocabulary vocabulary;
  private final Problems problems;
  private final Rules rules;
  private final GridReader reader;

  /**
   * @param problems what was found before
   */
  SweepReader(Vocabulary vocabulary, Problems problems) {
    this.vocabulary = vocabulary;
    this.problems = problems;
    this.rules = new Rules(problems);
    this.reader = new GridReader(vocabulary, new Inspection(vocabulary, problems), rules, problems);
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
    Execution execution = run.execution();
    Sweep read =
        new Sweep(
            name,
            grids(block),
            results,
            run.stores(results),
            run.models(),
            execution,
            run.limits(),
            run.latency(execution),
            waitsFor(block));
    problems.refuseIfAny();
    return read;
  }

  /** What the sweep waits for; a problem where it is more than counted. */
  private Optional<String> waitsFor(Block sweep) {
    Optional<String> waitsFor = sweep.find(RunKeys.WAITS_FOR);
    if (waitsFor.isPresent() && !vocabulary.onlyCounts()) {
      Found found = sweep.own(RunKeys.WAITS_FOR.name()).orElseThrow();
      problems.add(
          found.origin(),
          found.path(),
          ": the sweep cannot run yet, it waits for "
              + waitsFor.get()
              + "; plan --unresolved counts it");
    }
    return waitsFor;
  }

  private List<Grid> grids(Block sweep) {
    int before = problems.size();
    List<Grid> grids = new ArrayList<>();
    Optional<Block> named = sweep.inner(SweepKeys.GRIDS);
    if (named.isEmpty()) {
      grids.addAll(reader.grids(Sweep.MAIN_GRID, sweep, sweep));
    } else {
      grids.addAll(named(sweep, named.get()));
    }
    if (problems.size() > before || grids.isEmpty()) {
      return grids;
    }
    rules.noteIdle();
    long cells = grids.stream().mapToLong(Grid::product).reduce(0, SweepReader::sum);
    if (cells > MOST_CELLS) {
      problems.add(
          sweep.origin(),
          sweep.path() + " has " + cells + " cells; allowed: at most " + MOST_CELLS);
      return grids;
    }
    List<Grid> kept = grids.stream().filter(grid -> grid.size() > 0).toList();
    if (kept.isEmpty() && problems.size() == before) {
      problems.add(
          sweep.origin(), sweep.path() + " has no cell left after its rules only and exclude");
    }
    return kept;
  }

  private static long sum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }

  private List<Grid> named(Block sweep, Block named) {
    if (named.values().isEmpty()) {
      problems.add(named.origin(), named.path(), " is empty; allowed: at least one named grid");
    }
    reader.checkOverridden(sweep);
    Map<String, Block> blocks = new LinkedHashMap<>();
    named.values().entrySet().stream()
        .sorted(
            Comparator.comparing(
                    (Map.Entry<String, ?> entry) ->
                        named.values().get(entry.getKey()).origin().lineNumber())
                .thenComparing(Map.Entry::getKey))
        .forEach(
            entry -> {
              Found found = new Found(entry.getValue(), named.path() + "." + entry.getKey());
              if (!(entry.getValue() instanceof ConfigObject)) {
                sweep.unfit(found, "keys in braces");
                return;
              }
              Block own = sweep.entry(found);
              own.refuseUnknown(SweepKeys.GRID_NAMES);
              blocks.put(entry.getKey(), own.within(sweep));
            });
    blocks.values().forEach(block -> rules.mayName(Variants.variedKeys(block)));
    List<Grid> grids = new ArrayList<>();
    blocks.forEach((name, block) -> grids.addAll(reader.grids(name, block, sweep)));
    return grids;
  }
}
