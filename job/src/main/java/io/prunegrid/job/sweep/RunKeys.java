package io.prunegrid.job.sweep;

import io.prunegrid.measure.LatencySettings;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** The keys that say how a sweep runs; none of them enters a cell's key. */
final class RunKeys {
  static final Key<String> WAITS_FOR =
      Key.required(
          "waits-for",
          Kind.text(),
          "what the program cannot do yet and the sweep needs: `plan --unresolved` counts it and says"
              + " so, `plan` and `run` refuse");
  static final Key<Boolean> KEEP_MODELS =
      Key.of(
          "keep-models",
          Kind.flag(),
          false,
          "save each cell's network as a model folder under the results, named by key");
  static final Key<String> RESULTS =
      Key.required(
          "results", Kind.text(), "folder of the results; `./results/NAME` where left out");
  static final Key<String> STORE =
      Key.required(
          "store",
          Kind.text(),
          "folder of bases and scores, may be shared; `store` inside the results where left out");
  static final Key<List<String>> STORES =
      Key.required(
          "stores",
          Kind.texts("a list of folders"),
          "in place of `store`: the sweep's own store, then others that are read and never written");
  static final Key<Integer> SLOTS =
      Key.of(
          "slots",
          Kind.wholeNumber(0),
          0,
          "cells that run at the same time; 0 for as many as there are cores for their threads");
  static final Key<Integer> THREADS =
      Key.of("threads", Kind.wholeNumber(1), 1, "threads that compute one cell");
  static final Key<String> DEVICE =
      Key.of(
          "device",
          Kind.text("cpu, gpu, gpu:N", Pattern.compile("cpu|gpu(:\\d{1,4})?")),
          "cpu",
          "where networks run; a GPU that does not exist is an error");
  static final Key<BigDecimal> GPUS =
      Key.of(
          "gpus",
          Kind.decimal(
              "a number in [0, 1]",
              value -> value.signum() >= 0 && value.compareTo(BigDecimal.ONE) <= 0),
          BigDecimal.ZERO,
          "the share of a GPU that a cell is given, on exactly the one it computes on; 0 for none,"
              + " or the one that `device` names");
  static final Key<Duration> TIME_LIMIT =
      Key.of(
          "time-limit",
          Kind.duration(),
          Duration.ZERO,
          "how long a cell may take before it counts as failed; 0 for no limit");
  static final Key<Integer> RETRIES =
      Key.of(
          "retries",
          Kind.wholeNumber(0),
          3,
          "times that work is tried again after the machinery around it failed; a cell's own error"
              + " is not tried again");
  static final Key<Boolean> FAIL_FAST =
      Key.of("fail-fast", Kind.flag(), false, "start nothing new once a cell has failed");
  static final Key<Integer> SAME_FAILURES =
      Key.of(
          "stop-after-same-failures",
          Kind.wholeNumber(0),
          20,
          "stop where the first so many cells all fail the same way; 0 for never");

  static final String LATENCY = "latency";
  static final Key<List<Integer>> BATCH_SIZES =
      Key.of(
          "batch-sizes",
          Kind.wholeNumbers("a list of whole numbers of at least 1", 1),
          List.of(1, 32),
          "images a batch");
  static final Key<List<String>> RUNTIMES =
      Key.of(
          "runtimes",
          Kind.texts("a list of " + String.join(", ", LatencyRuntime.WORDS), LatencyRuntime.WORDS),
          List.of(LatencyRuntime.DJL.toString()),
          "what runs the networks: DJL, as cells are evaluated, and ONNX Runtime, on the cpu alone");
  static final Key<Duration> LATENCY_TIME =
      Key.of(
          "time",
          Kind.duration(),
          Duration.ofSeconds((long) LatencySettings.DEFAULT_SECONDS),
          "how long a structure is measured at a batch size where its interval does not get narrow"
              + " enough sooner");
  static final Key<BigDecimal> HALF_WIDTH =
      Key.of(
          "half-width",
          Kind.decimal(
              "a number above 0 and below 1",
              value -> value.doubleValue() > 0 && value.doubleValue() < 1),
          BigDecimal.valueOf(LatencySettings.DEFAULT_GOAL),
          "measuring ends when half the interval of the ratio is no larger a share of it");

  /** Keys that stand in {@code sweep} with one value each, or a list. */
  static final List<Key<?>> PLAIN =
      List.of(
          WAITS_FOR,
          RESULTS,
          STORE,
          STORES,
          KEEP_MODELS,
          SLOTS,
          THREADS,
          DEVICE,
          GPUS,
          TIME_LIMIT,
          RETRIES,
          FAIL_FAST,
          SAME_FAILURES);

  static final List<Key<?>> LATENCY_KEYS = List.of(BATCH_SIZES, RUNTIMES, LATENCY_TIME, HALF_WIDTH);

  private RunKeys() {}
}
