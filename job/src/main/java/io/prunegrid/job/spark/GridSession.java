package io.prunegrid.job.spark;

import io.prunegrid.job.schedule.Policy;
import io.prunegrid.job.store.Place;
import io.prunegrid.job.store.ResultsFolder;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.pipeline.CellConfig;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spark, started: in this process unless a master is given. One a process; it starts in a few
 * seconds, leaves nothing in the working folder and says nothing on standard output.
 */
public final class GridSession implements AutoCloseable {
  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("spark.ui.showConsoleProgress", "false"),
          Map.entry("spark.ui.retainedJobs", "100"),
          Map.entry("spark.ui.retainedStages", "100"),
          Map.entry("spark.ui.retainedTasks", "1000"),
          Map.entry("spark.ui.retainedDeadExecutors", "20"),
          Map.entry("spark.sql.ui.retainedExecutions", "20"),
          Map.entry("spark.sql.catalogImplementation", "in-memory"),
          Map.entry("spark.sql.session.timeZone", "UTC"),
          Map.entry("spark.task.maxFailures", "1000"),
          Map.entry("spark.task.reaper.enabled", "true"),
          Map.entry("spark.task.reaper.killTimeout", "60s"),
          Map.entry("spark.sql.debug.maxToStringFields", "1000"),
          Map.entry("spark.scheduler.listenerbus.eventqueue.capacity", "20000"));

  private static final Map<String, String> LOCAL_DEFAULTS =
      Map.of(
          "spark.ui.enabled", "false",
          "spark.driver.host", "127.0.0.1",
          "spark.driver.bindAddress", "127.0.0.1",
          "spark.sql.shuffle.partitions", "4");

  private static final Logger LOG = LoggerFactory.getLogger(GridSession.class);

  private final SparkSession spark;

  private GridSession(SparkSession spark) {
    this.spark = spark;
  }

  /** Starts Spark. */
  public static GridSession open(GridSettings settings) {
    SparkConf conf = new SparkConf();
    settings.master().ifPresent(conf::setMaster);
    settings.options().forEach(conf::set);
    conf.setIfMissing("spark.master", "local[" + Math.max(1, settings.slots()) + "]");
    conf.setIfMissing("spark.app.name", settings.name());
    DEFAULTS.forEach(conf::setIfMissing);
    if (GridSettings.isLocal(conf.get("spark.master"))) {
      LOCAL_DEFAULTS.forEach(conf::setIfMissing);
    } else {
      ClusterDefaults.apply(conf, settings);
    }
    conf.setIfMissing(
        "spark.sql.warehouse.dir",
        Path.of(System.getProperty("java.io.tmpdir"), "prunegrid-warehouse").toUri().toString());
    addToList(conf, "spark.plugins", RowsPlugin.class);
    addToList(conf, "spark.extraListeners", ExecutorWatch.class);
    return new GridSession(SparkSession.builder().config(conf).getOrCreate());
  }

  private static void addToList(SparkConf conf, String key, Class<?> ours) {
    String given = conf.get(key, "");
    if (!List.of(given.split(",", -1)).contains(ours.getName())) {
      conf.set(key, given.isBlank() ? ours.getName() : given + "," + ours.getName());
    }
  }

  /**
   * Runs all items as their needs are met, publishes what they hand over and returns when every
   * item has finished, failed, or is blocked by one that failed.
   *
   * @param work items whose rows are not there yet
   * @param policy when items are tried again, and when the run stops
   * @return how it ended
   * @throws InterruptedException where this thread was interrupted; work under way is cancelled and
   *     what was acknowledged stays
   * @throws IllegalStateException where Spark or the results folder failed, not an item; running
   *     the rest later is safe
   */
  public Progress run(
      Work work, Policy policy, ItemRunner runner, ResultsFolder results, RunListener listener)
      throws InterruptedException {
    return new GridRun(spark.sparkContext(), work, policy, runner, results, listener).run();
  }

  /**
   * Makes sure that all executors see what this process sees, where they are processes of others.
   *
   * @param folders where both write
   * @param cells whose inputs all should see
   * @throws io.prunegrid.common.BadInput where one does not, naming what and its host
   */
  void demandSight(List<Sight.Folder> folders, Collection<CellConfig> cells)
      throws InterruptedException {
    if (!GridSettings.isLocal(spark.sparkContext().master())) {
      Sight.demand(spark.sparkContext(), folders, cells);
    }
  }

  /** SQL over the tables of a results folder, as they are now. */
  public SqlSession sql(ResultsReader results) {
    return new SqlSession(spark, results);
  }

  /** Where items would run now: a place for each slot that has its device. */
  List<Place> places(WorkerSettings settings) {
    int slots = slots();
    return new JavaSparkContext(spark.sparkContext())
        .parallelize(IntStream.range(0, slots).boxed().toList(), slots)
        .flatMap(slot -> place(settings).iterator())
        .collect();
  }

  private static List<Place> place(WorkerSettings settings) throws InterruptedException {
    try (AssignedDevice device = AssignedDevice.take(settings.device(), settings.gpus())) {
      return List.of(Worker.of(settings.on(device.device())).place());
    } catch (RuntimeException e) {
      LOG.warn("an executor has no place for work: {}", e.toString());
      return List.of();
    }
  }

  /** Items at the same time, as Spark sees it now. */
  public int slots() {
    return spark.sparkContext().defaultParallelism();
  }

  /** Stops Spark. */
  @Override
  public void close() {
    spark.stop();
  }
}
