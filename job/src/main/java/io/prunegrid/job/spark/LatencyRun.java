package io.prunegrid.job.spark;

import io.prunegrid.common.Sha256;
import io.prunegrid.job.schedule.Policy;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.Failure;
import io.prunegrid.job.store.MeasuredSubject;
import io.prunegrid.job.store.MeasurementColumns;
import io.prunegrid.job.store.Place;
import io.prunegrid.job.store.ResultsFolder;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.sweep.LatencyPhase;
import io.prunegrid.job.sweep.LatencyRuntime;
import io.prunegrid.job.sweep.Plan;
import io.prunegrid.job.sweep.Plan.PlannedCell;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;

/**
 * The phase after the cells: each distinct structure among finished cells is measured once in each
 * runtime on each class of device that the grid has, one at a time on a machine. What was measured
 * before, in this results folder, is not measured again.
 */
public final class LatencyRun {
  /**
   * On a grid of several device classes Spark decides which one an item meets, so items are offered
   * again until every class has had them, or so often that somebody must look.
   */
  private static final int MOST_OFFERS = 10;

  /** What becomes of a plan without finished cells. */
  public static final Outcome NOTHING = new Outcome(0, 0, 0, 0, 0);

  private final LatencyPhase phase;
  private final WorkerSettings settings;
  private final List<Wanted> wanted;
  private final long withoutStructure;

  private LatencyRun(
      LatencyPhase phase, WorkerSettings settings, List<Wanted> wanted, long withoutStructure) {
    this.phase = phase;
    this.settings = settings;
    this.wanted = List.copyOf(wanted);
    this.withoutStructure = withoutStructure;
  }

  /** A structure in a runtime at a batch size. */
  private record Wanted(
      PlannedCell cell,
      LatencyRuntime runtime,
      String structure,
      String baseStructure,
      int batchSize) {
    String key() {
      return Sha256.of(
          String.join(
              "\n",
              "latency",
              runtime.toString(),
              structure,
              baseStructure,
              String.valueOf(batchSize)));
    }

    String label() {
      return "latency of " + cell.label() + " at batch " + batchSize + " in " + runtime;
    }

    MeasuredSubject on(Place place) {
      return MeasuredSubject.on(place, runtime, structure, baseStructure, batchSize);
    }

    boolean isMeasured(Place place, Set<String> keys) {
      return keys.contains(on(place).key());
    }

    boolean isOnnxError(Place place, Set<String> keys) {
      return !isMeasured(place, keys)
          && runtime == LatencyRuntime.ONNX_RUNTIME
          && keys.contains(on(place).onnxErrorKey(place.pruneGrid()));
    }

    boolean isMissing(Place place, Set<String> keys) {
      return !isMeasured(place, keys) && !isOnnxError(place, keys);
    }
  }

  /** Where a structure in a runtime stands on a class of device. */
  @FunctionalInterface
  private interface Standing {
    boolean holds(Wanted wanted, Place place, Set<String> keys);
  }

  /**
   * How it ended; counts are of structures by runtime, batch size and device class.
   *
   * @param wanted all that the finished cells ask for
   * @param before measured by earlier runs
   * @param measured now
   * @param onnxErrors what ONNX Runtime cannot run, found now or before
   * @param missing still not measured: void each time, or failed
   */
  public record Outcome(int wanted, int before, int measured, int onnxErrors, int missing) {}

  /**
   * What finished cells of a plan ask for; nothing runs yet.
   *
   * @param results whose rows name the cells' structures
   */
  public static LatencyRun of(
      LatencyPhase phase, Plan plan, ResultsReader results, WorkerSettings settings) {
    Map<String, PlannedCell> cells = new HashMap<>();
    plan.cells().forEach(cell -> cells.put(cell.keys().cell(), cell));
    Map<List<String>, PlannedCell> structures = new LinkedHashMap<>();
    long[] withoutStructure = new long[1];
    results.forEach(
        CellColumns.TABLE,
        row -> {
          PlannedCell cell = cells.get(row.get("key").toString());
          if (cell == null) {
            return;
          }
          if (row.get("structure_hash") == null) {
            withoutStructure[0]++;
          } else {
            structures.putIfAbsent(
                List.of(text(row, "structure_hash"), text(row, "base_structure_hash")), cell);
          }
        });
    List<Wanted> wanted = new ArrayList<>();
    for (LatencyRuntime runtime : phase.runtimes()) {
      for (int batchSize : phase.batchSizes()) {
        structures.forEach(
            (pair, cell) ->
                wanted.add(new Wanted(cell, runtime, pair.get(0), pair.get(1), batchSize)));
      }
    }
    return new LatencyRun(phase, settings, wanted, withoutStructure[0]);
  }

  /** Finished cells whose rows name no structure, because an older version wrote them. */
  public long cellsWithoutStructure() {
    return withoutStructure;
  }

  /** Structures by runtime and batch size, before device classes multiply them. */
  public int size() {
    return wanted.size();
  }

  /**
   * Measures what is missing and returns when each structure has been measured, cannot be, was void
   * too often, or failed.
   *
   * @throws InterruptedException where this thread was interrupted; what was measured stays
   */
  public Outcome run(GridSession session, ResultsFolder results, RunListener listener)
      throws InterruptedException {
    if (wanted.isEmpty()) {
      return NOTHING;
    }
    Collection<Place> classes = deviceClasses(session);
    if (classes.isEmpty()) {
      return new Outcome(wanted.size(), 0, 0, 0, wanted.size());
    }
    Set<String> keys = results.finishedKeys(MeasurementColumns.TABLE);
    int before = count(classes, keys, Wanted::isMeasured);
    Set<String> failed = new HashSet<>();
    RunListener noting = noting(failed, listener);
    for (int offer = 0; offer < MOST_OFFERS; offer++) {
      List<WorkItem> items = items(classes, keys, failed);
      if (items.isEmpty()) {
        break;
      }
      session.run(work(items), Policy.DEFAULT, new LatencyTask(settings, phase), results, noting);
      keys = results.finishedKeys(MeasurementColumns.TABLE);
      if (classes.size() == 1) {
        break;
      }
    }
    return new Outcome(
        wanted.size() * classes.size(),
        before,
        count(classes, keys, Wanted::isMeasured) - before,
        count(classes, keys, Wanted::isOnnxError),
        count(classes, keys, Wanted::isMissing));
  }

  private int count(Collection<Place> classes, Set<String> keys, Standing standing) {
    return wanted.stream()
        .mapToInt(
            each ->
                Math.toIntExact(
                    classes.stream().filter(place -> standing.holds(each, place, keys)).count()))
        .sum();
  }

  /** What is missing on some class of device and has not failed in this run. */
  private List<WorkItem> items(Collection<Place> classes, Set<String> keys, Set<String> failed) {
    return wanted.stream()
        .filter(each -> !failed.contains(each.key()))
        .filter(each -> classes.stream().anyMatch(place -> each.isMissing(place, keys)))
        .map(each -> item(each, settled(each, classes, keys)))
        .toList();
  }

  private Work work(List<WorkItem> items) {
    Work.Builder work = Work.builder();
    double seconds = phase.time().toMillis() * 1e-3;
    items.forEach(item -> work.add(item, Set.of(), LatencyTask.KIND, seconds, 0));
    return work.build();
  }

  /** Passes everything on and keeps the keys of items that failed. */
  private static RunListener noting(Set<String> failed, RunListener listener) {
    return RunListener.both(
        new RunListener() {
          @Override
          public void failed(WorkItem item, Failure failure, String log, Progress progress) {
            failed.add(item.key());
          }
        },
        listener);
  }

  private static WorkItem item(Wanted wanted, Set<String> settled) {
    return new WorkItem(
        wanted.key(),
        LatencyTask.KIND,
        wanted.label(),
        new LatencyWorkItem(
            wanted.cell().config(),
            wanted.cell().keys().cell(),
            wanted.structure(),
            wanted.baseStructure(),
            wanted.runtime(),
            wanted.batchSize(),
            settled));
  }

  private static Set<String> settled(Wanted wanted, Collection<Place> classes, Set<String> keys) {
    return classes.stream()
        .filter(place -> !wanted.isMissing(place, keys))
        .map(place -> wanted.on(place).key())
        .collect(Collectors.toSet());
  }

  /** One place of each class of device that executors have now. */
  private Collection<Place> deviceClasses(GridSession session) {
    Map<List<String>, Place> classes = new LinkedHashMap<>();
    for (Place place : session.places(settings)) {
      classes.putIfAbsent(List.of(MeasuredSubject.deviceClass(place), place.numerics()), place);
    }
    return classes.values();
  }

  private static String text(GenericRecord row, String column) {
    return row.get(column).toString();
  }
}
