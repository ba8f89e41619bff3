package io.prunegrid.job.spark;

import io.prunegrid.channel.Counts;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.SplitMix64;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.job.store.MeasuredSubject;
import io.prunegrid.job.store.Measurement;
import io.prunegrid.job.store.MeasurementColumns;
import io.prunegrid.job.store.Row;
import io.prunegrid.job.sweep.LatencyPhase;
import io.prunegrid.measure.Latency;
import io.prunegrid.measure.LatencyResult;
import io.prunegrid.measure.LatencySettings;
import io.prunegrid.measure.NetworkPasses;
import io.prunegrid.measure.PassClock;
import io.prunegrid.measure.Passes;
import io.prunegrid.pipeline.CellRunner;
import io.prunegrid.pipeline.OnnxError;
import io.prunegrid.pipeline.OnnxPasses;
import io.prunegrid.runtime.ImageCounts;
import io.prunegrid.zoo.Procedural;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures a structure's latency on an executor, once it is the only one on its machine that does.
 * A measurement that is void is repeated a few times; each leaves a row.
 */
final class LatencyTask implements ItemRunner {
  private static final long serialVersionUID = 1L;

  /** Kind of the items. */
  static final String KIND = "latency";

  private static final int MOST_TRIALS = 3;

  private final WorkerSettings settings;
  private final LatencyPhase phase;

  LatencyTask(WorkerSettings settings, LatencyPhase phase) {
    this.settings = settings;
    this.phase = phase;
  }

  @Override
  public List<Row> run(WorkItem item) throws IOException, InterruptedException {
    try (AssignedDevice device = AssignedDevice.take(settings.device(), settings.gpus())) {
      return run((LatencyWorkItem) item.payload(), Worker.of(settings.on(device.device())));
    }
  }

  private List<Row> run(LatencyWorkItem work, Worker worker)
      throws IOException, InterruptedException {
    MeasuredSubject subject =
        MeasuredSubject.on(
            worker.place(),
            work.runtime(),
            work.structure(),
            work.baseStructure(),
            work.batchSize());
    if (work.settled().contains(subject.key())) {
      return List.of();
    }
    CellRunner.Structures structures = worker.runner().structures(work.config());
    requireThoseOfTheRow(work, structures);
    Measuring measuring = new Measuring(work, worker, subject, structures, settings(subject));
    try {
      return switch (work.runtime()) {
        case DJL ->
            measuring.trials(
                NetworkPasses.of(worker.engine(), model(structures.base()), work.batchSize()),
                NetworkPasses.of(worker.engine(), model(structures.pruned()), work.batchSize()));
        case ONNX_RUNTIME -> measuring.inOnnxRuntime();
      };
    } finally {
      // generated images, timed: they are no work that a plan counts
      ImageCounts unused = ImageCounts.takeOfThread();
    }
  }

  private LatencySettings settings(MeasuredSubject subject) {
    return new LatencySettings(
        phase.time().toMillis() * 1e-3, phase.halfWidth(), SplitMix64.fnv1a64(subject.key()));
  }

  /** A structure beside its base, in one runtime. */
  private record Measuring(
      LatencyWorkItem work,
      Worker worker,
      MeasuredSubject subject,
      CellRunner.Structures structures,
      LatencySettings how) {

    /** The row says so where a network cannot be exported or run. */
    List<Row> inOnnxRuntime() throws IOException, InterruptedException {
      Instant started = Instant.now();
      int threads = worker.engine().threads();
      try (OnnxPasses base = export("the unpruned network", structures.base(), threads);
          OnnxPasses pruned = export("the pruned network", structures.pruned(), threads)) {
        return trials(base, pruned);
      } catch (OnnxError e) {
        return List.of(row(new Measurement.OnnxFailed(e.getMessage()), 1, load(), started));
      }
    }

    private OnnxPasses export(String name, ModelGraph graph, int threads) throws IOException {
      return OnnxPasses.export(name, model(graph), work.batchSize(), threads);
    }

    /** Alone on this machine, until one is not void. */
    List<Row> trials(Passes.Source base, Passes.Source pruned)
        throws IOException, InterruptedException {
      return HostTurn.alone(
          () -> {
            List<Row> rows = new ArrayList<>();
            for (int trial = 1; trial <= MOST_TRIALS; trial++) {
              Instant started = Instant.now();
              double load = load();
              LatencyResult result = Latency.compare(base, pruned, how, PassClock.system());
              rows.add(row(new Measurement.Timed(result), trial, load, started));
              if (!result.isVoid()) {
                break;
              }
            }
            return rows;
          });
    }

    private Row row(Measurement.Finding finding, int trial, double load, Instant started) {
      return MeasurementColumns.row(
          new Measurement(
              subject,
              how,
              finding,
              trial,
              Counts.of(structures.base()).macs(),
              Counts.of(structures.pruned()).macs(),
              work.cellKey(),
              worker.place(),
              load,
              started));
    }

    private static double load() {
      return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }
  }

  /**
   * Weights do not change how long a dense network takes, short of denormal numbers, which
   * generated weights keep clear of; so nobody needs the trained ones.
   */
  private static Model model(ModelGraph graph) {
    return new Model(graph, Procedural.weights(graph));
  }

  private static void requireThoseOfTheRow(LatencyWorkItem work, CellRunner.Structures structures) {
    if (!structures.prunedHash().equals(work.structure())
        || !structures.baseHash().equals(work.baseStructure())) {
      throw new BadInput(
          "the networks of cell "
              + work.cellKey()
              + " come out with other structures than its row names: its base or its scores are"
              + " not in the store any more and were made again in another numerics class");
    }
  }
}
