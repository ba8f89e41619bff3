package io.prunegrid.job.spark;

import io.prunegrid.common.Sha256;
import io.prunegrid.job.schedule.Policy;
import io.prunegrid.job.store.ArtifactStore;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.ResultsFolder;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.job.sweep.Limits;
import io.prunegrid.job.sweep.Plan;
import io.prunegrid.job.sweep.Plan.PlannedCell;
import io.prunegrid.job.sweep.ScoringPasses;
import io.prunegrid.pipeline.CellConfig;
import io.prunegrid.pipeline.Inputs;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import java.util.HashSet;
import java.util.LinkedHashMap;
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
  private final Policy policy;
  private final Work work;
  private final Map<List<Object>, CellConfig> inputs = new LinkedHashMap<>();

  /**
   * Lays out the plan; nothing runs yet.
   *
   * @param plan the cells to run
   * @param limits when cells are ended or tried again, and when the run stops
   * @throws io.prunegrid.common.BadInput where the store cannot be written
   */
  public SweepRun(Plan plan, WorkerSettings settings, Limits limits) {
    this.settings = settings;
    this.policy = policy(limits);
    ArtifactStore store =
        ArtifactStore.open(
            settings.stores().stream().map(Location::of).toList(), warning -> LOG.warn(warning));
    Work.Builder all = Work.builder();
    Set<String> missing = new HashSet<>();
    for (PlannedCell cell : plan.bases()) {
      String key = cell.keys().base();
      if (cell.trainsBase() && !store.contains(key)) {
        missing.add(key);
        all.add(
            item(key, CellTask.BASE, cell.baseLabel(), cell),
            Set.of(),
            key,
            Expected.base(cell),
            0);
      }
    }
    for (PlannedCell cell : plan.evaluations()) {
      String key = cell.keys().evaluation();
      if (!store.contains(key)) {
        WorkItem item = item(key, CellTask.EVALUATION, cell.evaluationLabel(), cell);
        add(all, missing, item, cell, Expected.evaluation(cell));
      }
    }
    for (List<PlannedCell> pass : ScoringPasses.of(plan, store::contains)) {
      addScores(all, missing, pass);
    }
    double limit = limits.cellTime().map(time -> time.toMillis() * 1e-3).orElse(0.0);
    for (PlannedCell cell : plan.cells()) {
      CellConfig config = cell.config();
      inputs.putIfAbsent(List.of(config.model(), config.data()), config);
      all.add(
          item(cell.keys().cell(), CellTask.CELL, cell.label(), cell),
          needs(missing, cell),
          "score " + cell.keys().score(),
          Expected.cell(cell),
          limit);
    }
    this.work = all.build();
  }

  private static Policy policy(Limits limits) {
    return Policy.DEFAULT
        .withRetries(limits.retries())
        .withSameFailures(limits.sameFailures())
        .withOnFailure(
            limits.onFailure() == Limits.OnFailure.STOP
                ? Policy.OnFailure.STOP
                : Policy.OnFailure.GO_ON);
  }

  /**
   * Adds scores of one pass over the images. Where there are several, the pass is an item of its
   * own that they wait for; each finds its scores in the store, or makes them where the pass did
   * not.
   */
  private static void addScores(Work.Builder all, Set<String> missing, List<PlannedCell> pass) {
    PlannedCell first = pass.get(0);
    if (pass.size() == 1) {
      add(all, missing, score(first), first, Expected.score(first));
      return;
    }
    WorkItem together = pass(pass);
    add(all, missing, together, first, Expected.score(first));
    for (PlannedCell cell : pass) {
      WorkItem item = score(cell);
      missing.add(item.key());
      String group = "base " + cell.keys().base();
      all.add(item, Set.of(together.key()), group, Expected.scoreFromPass(), 0);
    }
  }

  private static WorkItem score(PlannedCell cell) {
    return item(cell.keys().score(), CellTask.SCORE, cell.scoreLabel(), cell);
  }

  private static WorkItem pass(List<PlannedCell> cells) {
    String scores = String.join(" ", cells.stream().map(cell -> cell.keys().score()).toList());
    return new WorkItem(
        Sha256.of("pass " + scores),
        CellTask.PASS,
        cells.get(0).passLabel(cells.size()),
        new PassWorkItem(cells.stream().map(PlannedCell::config).toList()));
  }

  /** Adds work that needs the base, beside other such work. */
  private static void add(
      Work.Builder all, Set<String> missing, WorkItem item, PlannedCell cell, double seconds) {
    String base = cell.keys().base();
    Set<String> needs = missing.contains(base) ? Set.of(base) : Set.of();
    missing.add(item.key());
    all.add(item, needs, "base " + base, seconds, 0);
  }

  /** What a cell needs that is not in the store; at ratio 0 it selects nothing by scores. */
  private static Set<String> needs(Set<String> missing, PlannedCell cell) {
    Set<String> needs = new HashSet<>(List.of(cell.keys().base(), cell.keys().evaluation()));
    if (cell.config().ratio() != 0) {
      needs.add(cell.keys().score());
    }
    needs.retainAll(missing);
    return needs;
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
   * @throws io.prunegrid.common.BadInput where executors do not see what this process sees
   * @throws InterruptedException where this thread was interrupted; finished cells stay
   */
  public Progress run(GridSession session, ResultsFolder results, RunListener listener)
      throws InterruptedException {
    // the results folder is open, so no other run writes there
    KeptModelFolders.removeUnfinished(results.location().resolve(CellTask.MODELS));
    session.demandSight(
        List.of(
            new Sight.Folder("the results folder", results.location(), Attempts.TABLE.name()),
            new Sight.Folder(
                "the artifact store", Location.of(settings.stores().get(0)), "content/tokens")),
        inputs.values());
    return session.run(work, policy, new CellTask(settings), results, listener);
  }

  private static WorkItem item(String key, String kind, String label, PlannedCell cell) {
    return new WorkItem(
        key, kind, label, new CellWorkItem(cell.grid(), cell.config(), cell.keys().cell()));
  }
}
