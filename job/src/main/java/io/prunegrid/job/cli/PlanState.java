package io.prunegrid.job.cli;

import io.prunegrid.job.store.ArtifactStore;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.FailedBefore;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.job.sweep.Explanation.FinishedRow;
import io.prunegrid.job.sweep.Plan;
import io.prunegrid.job.sweep.StepTimes;
import io.prunegrid.job.sweep.Sweep;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;

/**
 * What is there already: rows of finished cells, what was given up, and artifacts.
 *
 * @param cells rows of the table {@code cells}
 * @param failedBefore keys of cells and shared work that wait until somebody asks for them
 * @param artifacts whether a store has the artifact of a key
 */
record PlanState(List<GenericRecord> cells, Set<String> failedBefore, Predicate<String> artifacts) {
  /** Nothing is there. */
  static final PlanState NOTHING = new PlanState(List.of(), Set.of(), key -> false);

  /**
   * What the sweep's results and stores have.
   *
   * @param damages told of artifacts that are damaged, once each, when they are looked for
   */
  static PlanState of(Sweep sweep, Consumer<String> damages) {
    Location results = Location.of(sweep.results());
    Optional<ResultsReader> reader =
        ResultsReader.isResultsFolder(results, RunCommand.TABLES)
            ? Optional.of(ResultsReader.open(results, RunCommand.TABLES))
            : Optional.empty();
    List<Location> stores = sweep.stores().stream().map(Location::of).toList();
    ArtifactStore store = ArtifactStore.openToRead(stores, damages);
    Map<String, Boolean> known = new HashMap<>();
    return new PlanState(
        reader.map(there -> there.rows(CellColumns.TABLE)).orElse(List.of()),
        reader.map(FailedBefore::keys).orElse(Set.of()),
        key -> known.computeIfAbsent(key, store::contains));
  }

  /** Keys of the finished cells. */
  Set<String> finished() {
    return cells.stream().map(row -> row.get("key").toString()).collect(Collectors.toSet());
  }

  /** The cells of a plan that are not finished. */
  Plan unfinished(Plan plan) {
    return plan.without(finished());
  }

  /** Keys of unfinished cells that run leaves to rerun: they, or what they need, failed before. */
  Set<String> waiting(Plan plan) {
    return unfinished(plan).needing(failedBefore);
  }

  /** The rows as explanations need them. */
  List<FinishedRow> rows() {
    return cells.stream()
        .map(
            row ->
                new FinishedRow(
                    row.get("key").toString(),
                    Optional.ofNullable(row.get("identity")).map(Object::toString),
                    String.format(
                        "%s %s %s %s seed %s",
                        row.get("model"),
                        row.get("subset"),
                        row.get("method"),
                        row.get("ratio"),
                        row.get("seed"))))
        .toList();
  }

  /** How long the finished cells took. */
  StepTimes times(int threads) {
    StepTimes times = new StepTimes(threads);
    for (GenericRecord row : cells) {
      times.add(
          new StepTimes.Recorded(
              row.get("model").toString(),
              (Long) row.get("macs_before"),
              (Double) row.get("evaluate_images_per_second"),
              Optional.ofNullable((Double) row.get("retrain_images_per_second")),
              (Double) row.get("seconds_remove")));
    }
    return times;
  }
}
