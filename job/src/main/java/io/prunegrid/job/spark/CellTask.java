package io.prunegrid.job.spark;

import io.prunegrid.common.BadInput;
import io.prunegrid.data.Datasets;
import io.prunegrid.format.ModelCard;
import io.prunegrid.format.SavedModel;
import io.prunegrid.job.spark.WorkerSettings.KeptModels;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.CellRow;
import io.prunegrid.job.store.Row;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.pipeline.CellConfig;
import io.prunegrid.pipeline.CellRunner;
import io.prunegrid.runtime.ImageCounts;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does a cell, or the work that cells share, on an executor. */
final class CellTask implements ItemRunner {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(CellTask.class);

  static final String BASE = "base";
  static final String EVALUATION = "evaluation";
  static final String SCORE = "score";
  static final String CELL = "cell";

  /** Several scores in one pass over the images. Each of them is an item too, which comes after. */
  static final String PASS = "pass";

  /** Folder of kept models inside the results. */
  static final String MODELS = "models";

  private final WorkerSettings settings;

  CellTask(WorkerSettings settings) {
    this.settings = settings;
  }

  @Override
  public List<Row> run(WorkItem item) throws InterruptedException {
    try (AssignedDevice device = AssignedDevice.take(settings.device(), settings.gpus())) {
      return run(item, Worker.of(settings.on(device.device())));
    }
  }

  /** A pass that did not come to its end is left, so that no score is the others' misfortune. */
  @Override
  public List<Row> runAgain(WorkItem item) throws InterruptedException {
    return item.kind().equals(PASS) ? List.of() : run(item);
  }

  private List<Row> run(WorkItem item, Worker worker) {
    // whatever preparing the process pushed through a network is no work of this item
    ImageCounts.takeOfThread();
    if (item.payload() instanceof PassWorkItem pass) {
      pass(worker, pass);
      return List.of();
    }
    CellWorkItem work = (CellWorkItem) item.payload();
    switch (item.kind()) {
      case BASE -> worker.runner().prepareBase(work.config());
      case EVALUATION -> worker.runner().prepareEvaluation(work.config());
      case SCORE -> worker.runner().prepareScores(work.config());
      default -> {
        return List.of(cell(worker, work));
      }
    }
    return List.of();
  }

  /** What goes wrong here goes wrong once more in the item of the score that is to blame. */
  private static void pass(Worker worker, PassWorkItem pass) {
    try {
      worker
          .runner()
          .prepareScores(pass.cells())
          .forEach(
              (cell, failure) ->
                  LOG.warn("no scores by {}: {}", cell.method().name(), failure.toString()));
    } catch (RuntimeException | Error error) {
      if (Thread.currentThread().isInterrupted() || !Diagnosis.of(error).isOfTheItem()) {
        throw error;
      }
      LOG.warn("{} scores are made one by one: {}", pass.cells().size(), error.toString());
    }
  }

  private Row cell(Worker worker, CellWorkItem work) {
    CellRunner.Finished finished = worker.runner().run(work.config());
    String key = finished.result().keys().cell();
    if (!key.equals(work.cellKey())) {
      throw new BadInput(
          "the inputs of this cell are other ones on "
              + worker.place().host()
              + " than where the run was started: "
              + work.config().data()
              + ", "
              + work.config().model().weights().orElse(work.config().model().name()));
    }
    Optional<String> folder = Optional.empty();
    if (settings.models() == KeptModels.ALL) {
      folder = Optional.of(MODELS + "/" + key);
      KeptModelFolders.write(
          Location.of(settings.results()).resolve(folder.get()),
          new SavedModel(finished.model(), card(work, finished), finished.masked()));
    }
    return Row.of(
        CellColumns.TABLE,
        CellColumns.record(
            new CellRow(
                settings.sweep(),
                work.grid(),
                work.config(),
                finished.result(),
                worker.place(),
                folder,
                Instant.now())));
  }

  private ModelCard card(CellWorkItem work, CellRunner.Finished finished) {
    CellConfig config = work.config();
    SortedMap<String, String> made = new TreeMap<>();
    made.put("command", "run");
    made.put("sweep", settings.sweep());
    made.put("grid", work.grid());
    made.put("key", finished.result().keys().cell());
    made.put("base", finished.result().baseHash());
    finished.result().scoreHash().ifPresent(hash -> made.put("scores", hash));
    made.put("subset", config.subset().name());
    made.put("method", config.method().name());
    config.method().parameters().forEach((name, value) -> made.put("method." + name, value));
    made.put("scope", config.selection().scope().toString());
    made.put("ratio", String.valueOf(config.ratio()));
    made.put("seed", String.valueOf(config.seed()));
    made.put("retrain.epochs", String.valueOf(config.retrain().epochs()));
    return new ModelCard(
        finished.network(),
        finished.headClasses(),
        Optional.of(Datasets.absolute(config.data())),
        made);
  }
}
