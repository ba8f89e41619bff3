package io.prunegrid.job.spark;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.List;

/**
 * The GPUs that cells ask for.
 *
 * @param share of a GPU for each, in [0, 1]; 0 where none is asked for
 * @param here addresses of this process's GPUs where its own slots share them; empty where Spark
 *     assigns them
 */
public record Gpus(BigDecimal share, List<String> here) implements Serializable {
  /** No GPU is asked for. */
  public static final Gpus NONE = new Gpus(BigDecimal.ZERO, List.of());

  public Gpus {
    here = List.copyOf(here);
  }

  /** Whether any are asked for. */
  public boolean areWanted() {
    return share.signum() > 0;
  }
}
