package io.prunegrid.job.checks;

import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.measure.Latency;
import io.prunegrid.measure.LatencyResult;
import io.prunegrid.measure.LatencySettings;
import io.prunegrid.measure.NetworkPasses;
import io.prunegrid.measure.PassClock;
import io.prunegrid.measure.Passes;
import io.prunegrid.measure.RatioInterval;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Latency is what it says, on a quiet machine and beside a process that loads it: half-widths of 3
 * % or stated, a network run twice in sequence measures 2.0, the base against itself covers 1.0.
 */
public final class LatencyCheck {
  private static final int BATCH = 32;

  private LatencyCheck() {}

  /**
   * How much is measured.
   *
   * @param times how many times the base is measured against itself under load
   * @param seconds bound of a measurement
   * @param networks measured twice in sequence, from the zoo
   * @param timing whether what a loaded machine may spoil is claimed, or only printed
   */
  record Settings(int times, double seconds, List<String> networks, Timing timing) {}

  /** What becomes of figures that depend on the machine. */
  enum Timing {
    CLAIMED,
    PRINTED
  }

  /** The whole check; {@code --times N} measures the base against itself so many times. */
  public static void main(String[] arguments) {
    int times =
        arguments.length == 2 && arguments[0].equals("--times")
            ? Integer.parseInt(arguments[1])
            : 50;
    Settings settings =
        new Settings(
            times,
            LatencySettings.DEFAULT_SECONDS,
            List.of("small-cnn", "resnet20"),
            Timing.CLAIMED);
    Report.main("latency", report -> check(report, settings));
  }

  static void check(Report report, Settings settings) throws IOException {
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      twice(report, settings, engine, "quiet");
      Load load = Load.start(Runtime.getRuntime().availableProcessors());
      try {
        twice(report, settings, engine, "loaded");
        againstItself(report, settings, engine);
      } finally {
        load.stop();
      }
    }
  }

  private static void twice(Report report, Settings settings, Engine engine, String machine) {
    for (String network : settings.networks()) {
      for (int batch : List.of(1, BATCH)) {
        Passes.Source once = passes(engine, network, batch);
        LatencyResult result = valid(once, NetworkPasses.inSequence(once, once), settings, batch);
        String name = machine + ", " + network + " at batch " + batch;
        figures(report, name + ", twice in sequence", result);
        report.claim(
            result.ratio().low() <= result.ratio().estimate()
                && result.ratio().estimate() <= result.ratio().high(),
            "%s: the half-width is stated: %.2f %%",
            name,
            100 * result.ratio().halfWidth());
        if (settings.timing() == Timing.CLAIMED) {
          report.claim(!result.isVoid(), "%s: a measurement that is not void was made", name);
          report.claim(
              Math.abs(result.ratio().estimate() / 2 - 1) <= 0.05,
              "%s: twice in sequence measures %.3f, 2.0 within 5 %%",
              name,
              result.ratio().estimate());
          report.claim(
              result.ratio().halfWidth() <= LatencySettings.DEFAULT_GOAL
                  || result.seconds() >= settings.seconds(),
              "%s: a half-width of 3 %%, or all the time was used to narrow it",
              name);
        }
      }
    }
  }

  /** As a run does it: up to three trials. */
  private static LatencyResult valid(
      Passes.Source base, Passes.Source other, Settings settings, long seed) {
    LatencyResult result = null;
    for (int trial = 0; trial < 3 && (result == null || result.isVoid()); trial++) {
      result = measure(base, other, settings, seed + trial);
    }
    return result;
  }

  private static void againstItself(Report report, Settings settings, Engine engine) {
    int covered = 0;
    int voids = 0;
    List<Double> widths = new ArrayList<>();
    for (int i = 0; i < settings.times(); i++) {
      String network = settings.networks().get(i % settings.networks().size());
      int batch = i / settings.networks().size() % 2 == 0 ? 1 : BATCH;
      Passes.Source base = passes(engine, network, batch);
      LatencyResult result = measure(base, base, settings, 100 + i);
      figures(report, "loaded, " + network + " at batch " + batch + " against itself", result);
      covered += result.ratio().covers(1) ? 1 : 0;
      voids += result.isVoid() ? 1 : 0;
      widths.add(result.ratio().halfWidth());
    }
    widths.sort(null);
    report.figure("base against base covers 1.0", covered + " of " + settings.times());
    report.figure("void measurements among them", voids);
    report.figure(
        "half-widths, median and largest, %",
        String.format(
            Locale.ROOT,
            "%.2f %.2f",
            100 * widths.get(widths.size() / 2),
            100 * widths.get(widths.size() - 1)));
    report.claim(widths.size() == settings.times(), "%d half-widths stated", widths.size());
    if (settings.timing() == Timing.CLAIMED) {
      report.claim(
          covered * 50 >= 45 * settings.times(),
          "base against base covers 1.0 in %d of %d, at least 45 of 50",
          covered,
          settings.times());
    }
  }

  private static LatencyResult measure(
      Passes.Source base, Passes.Source other, Settings settings, long seed) {
    return Latency.compare(
        base,
        other,
        new LatencySettings(settings.seconds(), LatencySettings.DEFAULT_GOAL, seed),
        PassClock.system());
  }

  private static void figures(Report report, String name, LatencyResult result) {
    RatioInterval ratio = result.ratio();
    RatioInterval control = result.control();
    report.figure(
        name,
        String.format(
            Locale.ROOT,
            "%.3f [%.3f, %.3f] control %.3f [%.3f, %.3f]%s, %.3f ms, %d blocks, %d passes,"
                + " on processor %.2f, %.1f s",
            ratio.estimate(),
            ratio.low(),
            ratio.high(),
            control.estimate(),
            control.low(),
            control.high(),
            result.isVoid() ? " VOID" : "",
            result.base().median(),
            result.blocks(),
            result.base().passes(),
            result.onProcessor().orElse(Double.NaN),
            result.seconds()));
  }

  private static Passes.Source passes(Engine engine, String network, int batch) {
    ModelGraph graph =
        Zoo.build(
            network,
            network.equals("small-cnn")
                ? new NetworkSize(10, 1, 28, 28)
                : Zoo.publishedSize(network));
    return NetworkPasses.of(engine, new Model(graph, Procedural.weights(graph)), batch);
  }

  /** Another process that loads the machine. */
  private record Load(Process process) {
    static Load start(int threads) throws IOException {
      Path java = Path.of(System.getProperty("java.home"), "bin", "java");
      Path output = Files.createTempFile("load", ".txt");
      output.toFile().deleteOnExit();
      return new Load(
          new ProcessBuilder(
                  java.toString(),
                  "-Xmx256m",
                  "-cp",
                  StandaloneSpark.classPath(),
                  LoadingChild.class.getName(),
                  String.valueOf(threads))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start());
    }

    /** Its standard input ends, and it with it. */
    void stop() throws IOException {
      process.getOutputStream().close();
      Optional.of(process).filter(Process::isAlive).ifPresent(Process::destroy);
    }
  }
}
