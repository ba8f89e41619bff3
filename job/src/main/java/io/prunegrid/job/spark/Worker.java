package io.prunegrid.job.spark;

import io.prunegrid.job.store.ArtifactStore;
import io.prunegrid.job.store.Place;
import io.prunegrid.job.store.disk.Disks;
import io.prunegrid.job.store.disk.Location;
import io.prunegrid.pipeline.Artifacts;
import io.prunegrid.pipeline.CellRunner;
import io.prunegrid.pipeline.Inputs;
import io.prunegrid.pipeline.SharedWork;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.DeviceFault;
import io.prunegrid.runtime.DeviceProof;
import io.prunegrid.runtime.Engine;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * What a process that runs cells has open, once for all its slots: the engine, data sets and
 * networks, shared work, the artifact store.
 */
final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final Map<WorkerSettings, Worker> OPEN = new ConcurrentHashMap<>();

  /** Inputs do not depend on settings; in local mode the driver's plan and the cells share them. */
  private static final Inputs INPUTS = new Inputs();

  private final Engine engine;
  private final CellRunner runner;
  private final Place place;

  private Worker(WorkerSettings settings) {
    System.setProperty(Engine.THREADS_PROPERTY, String.valueOf(settings.threads()));
    this.engine = Engine.open(ComputeDevice.parse(settings.device()));
    prove(engine);
    configureHadoop();
    ArtifactStore store =
        ArtifactStore.open(settings.stores().stream().map(Location::of).toList(), LOG::warn);
    this.runner = new CellRunner(engine, INPUTS, new SharedWork(engine, INPUTS, new Stored(store)));
    this.place = place(engine);
  }

  /** A device that computes wrongly gets no work, and its machine is named. */
  private static void prove(Engine engine) {
    try {
      DeviceProof.demand(engine);
    } catch (DeviceFault e) {
      engine.close();
      throw new DeviceFault("on host " + host() + " " + e.getMessage(), e);
    }
  }

  /** The process's worker for these settings. */
  static Worker of(WorkerSettings settings) {
    return OPEN.computeIfAbsent(settings, Worker::new);
  }

  static Inputs inputs() {
    return INPUTS;
  }

  Engine engine() {
    return engine;
  }

  CellRunner runner() {
    return runner;
  }

  Place place() {
    return place;
  }

  /** Executors know Hadoop's options from Spark alone. */
  static void configureHadoop() {
    SparkEnv spark = SparkEnv.get();
    if (spark != null) {
      Map<String, String> options = new HashMap<>();
      for (Tuple2<String, String> option : spark.conf().getAllWithPrefix("spark.hadoop.")) {
        options.put(option._1(), option._2());
      }
      Disks.configure(options);
    }
  }

  private static Place place(Engine engine) {
    String kind = engine.device().kind().name().toLowerCase(java.util.Locale.ROOT);
    String numerics =
        kind + " threads=" + engine.threads() + " pytorch=" + engine.pytorchVersion() + " tf32=off";
    return new Place(
        host(),
        engine.device().toString(),
        DeviceName.of(engine.device()),
        engine.threads(),
        numerics,
        Optional.ofNullable(Worker.class.getPackage().getImplementationVersion())
            .orElse("from classes"),
        System.getProperty("java.version"),
        engine.djlVersion(),
        engine.pytorchVersion());
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  /** The results' artifact store as cells see it. */
  private record Stored(ArtifactStore store) implements Artifacts {
    @Override
    public Optional<Artifact> find(String key) {
      return store.find(key).map(found -> new Artifact(found.contentHash(), found.bytes()));
    }

    @Override
    public Obtained obtain(String key, Supplier<byte[]> compute) {
      ArtifactStore.Obtained obtained = store.obtain(key, compute);
      return new Obtained(
          new Artifact(obtained.artifact().contentHash(), obtained.artifact().bytes()),
          obtained.isFound());
    }

    @Override
    public void whileMissing(List<String> keys, Consumer<List<String>> work) {
      store.whileMissing(keys, work);
    }

    @Override
    public Artifact publish(String key, byte[] bytes) {
      String hash = store.publish(key, bytes);
      return find(key)
          .orElseThrow(
              () -> new IllegalStateException("artifact " + key + " (" + hash + ") was lost"));
    }
  }
}
