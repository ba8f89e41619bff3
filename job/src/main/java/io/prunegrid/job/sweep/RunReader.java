package io.prunegrid.job.sweep;

import io.prunegrid.job.sweep.Block.Found;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Reads the keys that say how a sweep runs. Problems are noted, not thrown. */
final class RunReader {
  private static final String CPU = "cpu";
  private static final String GPU = "gpu";

  private final Block sweep;

  RunReader(Block sweep) {
    this.sweep = sweep;
  }

  List<String> stores(String results) {
    Optional<Found> one = sweep.own(RunKeys.STORE.name());
    Optional<Found> several = sweep.own(RunKeys.STORES.name());
    if (one.isPresent() && several.isPresent()) {
      problem(one.get(), " stands beside stores; allowed: one of the two");
    }
    Optional<List<String>> listed = sweep.find(RunKeys.STORES);
    if (listed.isPresent() && listed.get().isEmpty()) {
      problem(several.orElseThrow(), " is empty; allowed: at least one folder");
      return List.of(results);
    }
    return listed.orElseGet(() -> List.of(sweep.find(RunKeys.STORE).orElse(results + "/store")));
  }

  Sweep.KeepModels models() {
    return sweep.read(RunKeys.KEEP_MODELS) ? Sweep.KeepModels.YES : Sweep.KeepModels.NO;
  }

  Execution execution() {
    BigDecimal gpus = sweep.read(RunKeys.GPUS).stripTrailingZeros();
    String device = sweep.read(RunKeys.DEVICE);
    Optional<Found> given = sweep.own(RunKeys.DEVICE.name());
    if (gpus.signum() > 0) {
      if (given.isPresent() && !device.equals(GPU)) {
        problem(given.get(), " is " + device + ", but gpus asks for GPUs; allowed: gpu");
      }
      device = GPU;
    }
    return new Execution(sweep.read(RunKeys.SLOTS), sweep.read(RunKeys.THREADS), device, gpus);
  }

  Limits limits() {
    Duration limit = sweep.read(RunKeys.TIME_LIMIT);
    return new Limits(
        limit.isZero() ? Optional.empty() : Optional.of(limit),
        sweep.read(RunKeys.RETRIES),
        sweep.read(RunKeys.FAIL_FAST) ? Limits.OnFailure.STOP : Limits.OnFailure.CONTINUE,
        sweep.read(RunKeys.SAME_FAILURES));
  }

  Optional<LatencyPhase> latency(Execution execution) {
    Optional<Block> block = sweep.inner(RunKeys.LATENCY);
    if (block.isEmpty()) {
      return Optional.empty();
    }
    block.get().refuseUnknown(SweepKeys.names(RunKeys.LATENCY_KEYS).toList());
    List<Integer> sizes = block.get().read(RunKeys.BATCH_SIZES);
    refuseNoneOrTwice(block.get(), RunKeys.BATCH_SIZES, sizes, "whole number");
    List<String> runtimes = block.get().read(RunKeys.RUNTIMES);
    refuseNoneOrTwice(block.get(), RunKeys.RUNTIMES, runtimes, "runtime");
    if (runtimes.contains(LatencyRuntime.ONNX_RUNTIME.toString())
        && !execution.device().equals(CPU)) {
      problem(
          block.get().own(RunKeys.RUNTIMES.name()).orElseThrow(),
          " lists "
              + LatencyRuntime.ONNX_RUNTIME
              + ", which runs on the cpu alone, but networks run on "
              + execution.device()
              + "; allowed: "
              + LatencyRuntime.DJL);
    }
    Duration time = block.get().read(RunKeys.LATENCY_TIME);
    if (time.isZero()) {
      problem(
          block.get().own(RunKeys.LATENCY_TIME.name()).orElseThrow(),
          " is 0; allowed: a time above 0");
    }
    return Optional.of(
        new LatencyPhase(
            sizes,
            runtimes.stream().map(LatencyRuntime::of).toList(),
            time,
            block.get().read(RunKeys.HALF_WIDTH).doubleValue()));
  }

  private void refuseNoneOrTwice(Block block, Key<?> key, List<?> listed, String entry) {
    if (listed.isEmpty()) {
      problem(block.own(key.name()).orElseThrow(), " is empty; allowed: at least one " + entry);
    }
    if (new HashSet<>(listed).size() < listed.size()) {
      problem(block.own(key.name()).orElseThrow(), " lists a " + entry + " twice");
    }
  }

  private void problem(Found found, String rest) {
    sweep.problems().add(found.origin(), found.path(), rest);
  }
}
