package io.prunegrid.job.spark;

import io.prunegrid.runtime.ComputeDevice;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * The device that one item computes on: the one that the sweep names or, where items ask for GPUs,
 * exactly the one that Spark assigned to the task; in local mode, where Spark assigns none, the one
 * that the slots of this process share out. Closing it gives the share back.
 */
public final class AssignedDevice implements AutoCloseable {
  private static final String GPU = "gpu";
  private static final Map<Gpus, GpuShares> SHARES = new ConcurrentHashMap<>();

  private final ComputeDevice device;
  private final Runnable giveBack;

  private AssignedDevice(ComputeDevice device, Runnable giveBack) {
    this.device = device;
    this.giveBack = giveBack;
  }

  /**
   * The device for an item that begins; waits where all shares are taken.
   *
   * @param named what the sweep names
   * @param gpus what items ask for
   * @throws io.prunegrid.common.BadInput where what was assigned is not the number of one GPU
   * @throws IllegalStateException where nothing was assigned although GPUs are asked for
   */
  public static AssignedDevice take(String named, Gpus gpus) throws InterruptedException {
    if (!gpus.areWanted()) {
      return new AssignedDevice(ComputeDevice.parse(named), () -> {});
    }
    if (gpus.here().isEmpty()) {
      return new AssignedDevice(GpuShares.device(assigned()), () -> {});
    }
    GpuShares.Lease lease =
        SHARES.computeIfAbsent(gpus, key -> new GpuShares(key.here(), key.share())).take();
    try {
      return new AssignedDevice(GpuShares.device(List.of(lease.address())), lease::close);
    } catch (RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  private static List<String> assigned() {
    TaskContext task = TaskContext.get();
    ResourceInformation found = task == null ? null : task.resourcesJMap().get(GPU);
    if (found == null) {
      throw new IllegalStateException(
          "this cell asks for a GPU and Spark assigned none; the master has to know the GPUs of its"
              + " workers");
    }
    return List.of(found.addresses());
  }

  /** Where to compute; whether it exists is for the engine to say. */
  public ComputeDevice device() {
    return device;
  }

  @Override
  public void close() {
    giveBack.run();
  }
}
