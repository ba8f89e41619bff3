package io.prunegrid.job.spark;

import io.prunegrid.common.BadInput;
import io.prunegrid.runtime.ComputeDevice;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * GPUs of this machine given out to the slots of local mode, in which Spark gives out none. The
 * rule is Spark's: a share of 0.25 lets four items onto one GPU, 0.4 lets two.
 */
final class GpuShares {
  private final int perGpu;
  private final Map<String, Integer> taken = new LinkedHashMap<>();

  /**
   * Shares of these GPUs.
   *
   * @param addresses as a discovery script names them
   * @param share of a GPU for each item, in (0, 1]
   */
  GpuShares(List<String> addresses, BigDecimal share) {
    this.perGpu = itemsPerGpu(share);
    addresses.forEach(address -> taken.put(address, 0));
    if (taken.isEmpty()) {
      throw new IllegalArgumentException("there are no GPUs to share");
    }
  }

  /** Items that share one GPU. */
  static int itemsPerGpu(BigDecimal share) {
    if (share.signum() <= 0 || share.compareTo(BigDecimal.ONE) > 0) {
      throw new IllegalArgumentException("a share is in (0, 1], found " + share);
    }
    return BigDecimal.ONE.divide(share, 0, RoundingMode.FLOOR).intValueExact();
  }

  /** GPUs that so many items at the same time need. */
  static int gpusFor(int items, BigDecimal share) {
    int each = itemsPerGpu(share);
    return (items + each - 1) / each;
  }

  /** Waits for a share; the least used GPU gives it. */
  synchronized Lease take() throws InterruptedException {
    while (true) {
      String free = null;
      for (Map.Entry<String, Integer> entry : taken.entrySet()) {
        if (entry.getValue() < perGpu && (free == null || entry.getValue() < taken.get(free))) {
          free = entry.getKey();
        }
      }
      if (free != null) {
        taken.merge(free, 1, Integer::sum);
        return new Lease(free);
      }
      wait();
    }
  }

  private synchronized void giveBack(String address) {
    taken.merge(address, -1, Integer::sum);
    notifyAll();
  }

  /** A share of one GPU; closing it gives it back. */
  final class Lease implements AutoCloseable {
    private final String address;

    private Lease(String address) {
      this.address = address;
    }

    String address() {
      return address;
    }

    @Override
    public void close() {
      giveBack(address);
    }
  }

  /**
   * The device of an address that was given out.
   *
   * @throws BadInput where the address is not a number, by which PyTorch knows GPUs
   */
  static ComputeDevice device(List<String> addresses) {
    if (addresses.size() != 1 || !addresses.get(0).matches("\\d{1,4}")) {
      throw new BadInput(
          "GPU "
              + String.join(", ", new ArrayList<>(addresses))
              + " was assigned, which is not the number of one GPU; the discovery script has to"
              + " name GPUs by number");
    }
    return new ComputeDevice(ComputeDevice.Kind.GPU, Integer.parseInt(addresses.get(0)));
  }
}
