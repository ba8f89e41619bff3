package io.prunegrid.job.spark;

import io.prunegrid.job.store.ArtifactStore;
import io.prunegrid.job.store.ResultsFolder;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.job.sweep.Plan;
import io.prunegrid.job.sweep.Plan.PlannedCell;
import io.prunegrid.pipeline.Inputs;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plan as work for Spark: bases first, then what needs them, then cells, each as soon as what it
 * needs is in the store.
 */
public final class SweepRun {
  private static final Logger LOG = LoggerFactory.getLogger(SweepRun.class);

  private final WorkerSettings settings;
  private final List<Bundle> bundles;

  /**
   * Lays out the plan; nothing runs yet.
   *
   * @param plan the cells to run
   * @throws io.prunegrid.common.BadInput where the store cannot be written
   */
  public SweepRun(Plan plan, WorkerSettings settings) {
    this.settings = settings;
    ArtifactStore store =
        ArtifactStore.open(
            settings.stores().stream().map(Location::of).toList(), warning -> LOG.warn(warning));
    Map<String, Bundle> shared = new LinkedHashMap<>();
    Set<String> bases = new LinkedHashSet<>();
    for (PlannedCell cell : plan.bases()) {
      String key = cell.keys().base();
      if (cell.trainsBase() && !store.contains(key)) {
        bases.add(key);
        shared.put(key, Bundle.of(item(key, CellTask.BASE, cell.baseLabel(), cell)));
      }
    }
    for (PlannedCell cell : plan.evaluations()) {
      addShared(
          shared,
          store,
          bases,
          cell.keys().evaluation(),
          CellTask.EVALUATION,
          cell.evaluationLabel(),
          cell);
    }
    for (PlannedCell cell : plan.scores()) {
      if (cell.scoresImages()) {
        addShared(
            shared, store, bases, cell.keys().score(), CellTask.SCORE, cell.scoreLabel(), cell);
      }
    }
    List<Bundle> all = new ArrayList<>(shared.values());
    for (PlannedCell cell : plan.cells()) {
      Set<String> needs =
          new LinkedHashSet<>(
              List.of(cell.keys().base(), cell.keys().evaluation(), cell.keys().score()));
      needs.retainAll(shared.keySet());
      all.add(
          new Bundle(List.of(item(cell.keys().cell(), CellTask.CELL, cell.label(), cell)), needs));
    }
    this.bundles = List.copyOf(all);
  }

  /**
   * The inputs of this process, which the plan should be made with so that cells find them open.
   */
  public static Inputs inputs() {
    return Worker.inputs();
  }

  /**
   * Checks that a device is on this machine, where cells run unless a cluster runs them.
   *
   * @throws io.prunegrid.common.BadInput where it is not
   */
  public static void requireDevice(String device) {
    ComputeDevice wanted = ComputeDevice.parse(device);
    if (wanted.kind() != ComputeDevice.Kind.CPU) {
      Engine.open(wanted).close();
    }
  }

  /**
   * Runs everything and returns when each cell has finished, failed, or is blocked.
   *
   * @throws InterruptedException where this thread was interrupted; finished cells stay
   */
  public Progress run(GridSession session, ResultsFolder results, RunListener listener)
      throws InterruptedException {
    // the results folder is open, so no other run writes there
    KeptModelFolders.removeUnfinished(results.location().resolve(CellTask.MODELS));
    return session.run(bundles, new CellTask(settings), results, listener);
  }

  private static void addShared(
      Map<String, Bundle> shared,
      ArtifactStore store,
      Set<String> bases,
      String key,
      String kind,
      String label,
      PlannedCell cell) {
    if (!store.contains(key)) {
      Set<String> needs =
          bases.contains(cell.keys().base()) ? Set.of(cell.keys().base()) : Set.of();
      shared.put(key, new Bundle(List.of(item(key, kind, label, cell)), needs));
    }
  }

  private static WorkItem item(String key, String kind, String label, PlannedCell cell) {
    return new WorkItem(
        key, kind, label, new CellWorkItem(cell.grid(), cell.config(), cell.keys().cell()));
  }
}
