package io.prunegrid.runtime;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Tensor;
import java.util.Map;
import java.util.Set;

/**
 * PyTorch on one device. An engine hands out sessions; each session belongs to one thread at a
 * time, and sessions of several threads run at the same time without disturbing each other: on the
 * CPU with one thread per session, results are equal bit for bit to those of a serial run.
 *
 * <p>A session owns native memory and gives it back when it is closed; closing the engine closes
 * what its sessions have left.
 *
 * <p>Threads inside one operator come from the system property {@value #THREADS_PROPERTY}, 1 where
 * it is absent.
 */
public final class Engine implements AutoCloseable {
  /** System property that says how many threads one operator may use. */
  public static final String THREADS_PROPERTY = "ai.djl.pytorch.num_threads";

  private final ComputeDevice device;
  private final PtNDManager manager;
  private FusedKernels fusedKernels;
  private SampleKernels sampleKernels;

  private Engine(ComputeDevice device, PtNDManager manager) {
    this.device = device;
    this.manager = manager;
  }

  /**
   * Opens a device. The first call of a process loads the native library and, on a fresh machine,
   * unpacks it; nothing is downloaded.
   *
   * @throws BadInput when the device does not exist here; another one is never used in its place
   */
  public static Engine open(ComputeDevice device) {
    Loader.ENGINE.getEngineName();
    Device chosen = Device.cpu();
    if (device.kind() == ComputeDevice.Kind.GPU) {
      requireGpu(device);
      chosen = Device.gpu(device.index());
    }
    return new Engine(device, (PtNDManager) Loader.ENGINE.newBaseManager(chosen));
  }

  private static void requireGpu(ComputeDevice device) {
    int gpus = Loader.ENGINE.getGpuCount();
    if (device.index() >= gpus) {
      throw new BadInput(
          "device "
              + device
              + " does not exist; this machine has "
              + (gpus == 0 ? "cpu only" : "cpu and gpu:0 to gpu:" + (gpus - 1)));
    }
    if (!JniUtils.getFeatures().contains("CUDA")) {
      throw new BadInput(
          "device "
              + device
              + " cannot be used: the PyTorch library in use was built for the cpu only");
    }
  }

  public ComputeDevice device() {
    return device;
  }

  /** Threads that one operator may use. */
  public int threads() {
    return Loader.THREADS;
  }

  /** Version of PyTorch, for instance {@code 2.7.1}. */
  public String pytorchVersion() {
    return Loader.ENGINE.getVersion();
  }

  /** Version of the Java binding, for instance {@code 0.35.1}. */
  public String djlVersion() {
    return ai.djl.engine.Engine.getDjlVersion();
  }

  /** A model ready to be evaluated: batch norm folded, dropout left out. */
  public InferenceSession inference(Model model) {
    enterThread();
    return new InferenceSession(this, model, InferenceSession.batch(model.graph()));
  }

  /** A model as it is, with all of its outputs. */
  public ForwardPass forwardPass(Model model) {
    enterThread();
    return new ForwardPass(this, model);
  }

  /**
   * A model ready to be evaluated on this many images at a time, however many that is: batch norm
   * folded, dropout left out.
   *
   * @param batch at least 1
   */
  public InferenceSession inference(Model model, int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException("batch must be at least 1, found " + batch);
    }
    enterThread();
    return new InferenceSession(this, model, batch);
  }

  /**
   * For each of some vectors the sum of its Euclidean distances to all of them, computed in double.
   */
  public double[] distanceSums(Vectors vectors) {
    enterThread();
    try (PtNDManager own = newManager()) {
      return new Distances(own, vectors).sums();
    }
  }

  /**
   * A pass over images that reads values off nodes, and sums over weights.
   *
   * @param taps of nodes of the graph
   * @param weights sums to keep of every trainable value
   * @throws IllegalArgumentException where nothing is read, or a tap's node is unknown
   */
  public ImagePass images(Model model, Set<Tap> taps, Set<WeightReading> weights) {
    enterThread();
    return new ImagePass(this, model, taps, weights);
  }

  /**
   * A model being trained.
   *
   * @param masks by parameter name, of the parameter's shape, 1 where a weight is trained and 0
   *     where it is zero and stays zero; parameters without a mask are trained whole
   * @param seed what dropout draws from
   */
  public TrainingSession training(
      Model model, Optimizer optimizer, Map<String, Tensor> masks, long seed) {
    return training(model, optimizer, TrainingMasks.of(masks), seed);
  }

  /** The same with everything that masks can say. */
  public TrainingSession training(
      Model model, Optimizer optimizer, TrainingMasks masks, long seed) {
    enterThread();
    return new TrainingSession(this, model, optimizer, masks, seed);
  }

  /** Gives back all native memory of this engine's sessions. */
  @Override
  public synchronized void close() {
    if (fusedKernels != null) {
      fusedKernels.close();
      fusedKernels = null;
    }
    if (sampleKernels != null) {
      sampleKernels.close();
      sampleKernels = null;
    }
    manager.close();
  }

  /** The fused convolutions, compiled when they are first needed. */
  synchronized FusedKernels fusedKernels() {
    if (fusedKernels == null) {
      fusedKernels = new FusedKernels(manager);
    }
    return fusedKernels;
  }

  /** Unfolding of images, compiled when it is first needed. */
  synchronized SampleKernels sampleKernels() {
    if (sampleKernels == null) {
      sampleKernels = new SampleKernels(manager);
    }
    return sampleKernels;
  }

  boolean onCpu() {
    return device.kind() == ComputeDevice.Kind.CPU;
  }

  /** How images lie in memory where this device computes fastest. */
  HostBatch.Order order() {
    return onCpu() ? HostBatch.Order.CHANNELS_LAST : HostBatch.Order.CHANNELS_FIRST;
  }

  /** A manager that a session owns. */
  PtNDManager newManager() {
    return manager.newSubManager(manager.getDevice());
  }

  /**
   * What every native call relies on: in PyTorch gradient recording and the size of the operators'
   * thread pool belong to the calling thread, and both start with other values than ours.
   */
  void enterThread() {
    JniUtils.setGradMode(false);
    JniUtils.setNumThreads(Loader.THREADS);
    JniUtils.setGraphExecutorOptimize(false);
  }

  /** Loads the library once, when it is first needed. */
  private static final class Loader {
    static final ai.djl.engine.Engine ENGINE;
    static final int THREADS;

    static {
      setIfAbsent("ai.djl.offline", "true");
      setIfAbsent(THREADS_PROPERTY, "1");
      setIfAbsent("ai.djl.pytorch.num_interop_threads", "1");
      THREADS = Integer.parseInt(System.getProperty(THREADS_PROPERTY));
      try {
        ENGINE = ai.djl.engine.Engine.getEngine("PyTorch");
      } catch (EngineException e) {
        throw new IllegalStateException("PyTorch cannot be loaded: " + e.getMessage(), e);
      }
    }

    private static void setIfAbsent(String property, String value) {
      if (System.getProperty(property) == null) {
        System.setProperty(property, value);
      }
    }
  }
}
