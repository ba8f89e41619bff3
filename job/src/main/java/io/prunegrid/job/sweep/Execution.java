package io.prunegrid.job.sweep;

import java.math.BigDecimal;

/**
 * What cells compute with.
 *
 * @param slots cells that run at the same time; 0 for as many as there are cores for their threads
 * @param threads threads that compute one cell
 * @param device {@code cpu}, {@code gpu} or {@code gpu:N}; {@code gpu} where cells ask for GPUs
 * @param gpus the share of a GPU that a cell asks for, in [0, 1]; 0 where none is asked for and
 *     {@code device} alone decides
 */
public record Execution(int slots, int threads, String device, BigDecimal gpus) {
  /**
   * Cells that run at the same time on this machine: as asked, or as many as the cores have room
   * for.
   */
  public int localSlots() {
    return slots > 0 ? slots : Math.max(1, Runtime.getRuntime().availableProcessors() / threads);
  }
}
