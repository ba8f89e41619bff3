package io.prunegrid.job.checks;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Need;
import io.prunegrid.criterion.ScoringInput;
import io.prunegrid.criterion.ScoringPass;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Part;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.pipeline.DataShape;
import io.prunegrid.pipeline.LoadedModel;
import io.prunegrid.pipeline.ModelConfig;
import io.prunegrid.pipeline.ModelLoader;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.ForwardPass;
import io.prunegrid.runtime.InferenceSession;
import io.prunegrid.testing.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What scoring costs: each criterion's time as a multiple of a plain forward pass over the same
 * images, in one run, the two by turns; and how much the process grows meanwhile.
 */
final class ScoreBench {
  /** Largest multiples that are aimed at. */
  private static final Map<String, Double> GOALS =
      Map.of(
          "activation",
          1.2,
          "apoz",
          1.2,
          "ocap",
          1.2,
          "tvs",
          1.2,
          "taylor",
          3.5,
          "lrp",
          6.0,
          "group-hessian",
          12.0);

  private ScoreBench() {}

  /**
   * What is timed.
   *
   * @param images of CIFAR-10's training part
   * @param rounds times that everything is timed; medians of the rounds' multiples count
   */
  record Settings(int images, int rounds) {}

  public static void main(String[] arguments) {
    int images = 640;
    int rounds = 5;
    for (int i = 0; i < arguments.length; i += 2) {
      String option = arguments[i];
      if (i + 1 == arguments.length || !List.of("--images", "--rounds").contains(option)) {
        throw new IllegalArgumentException("allowed: --images N, --rounds N");
      }
      int value = Integer.parseInt(arguments[i + 1]);
      images = option.equals("--images") ? value : images;
      rounds = option.equals("--rounds") ? value : rounds;
    }
    Settings settings = new Settings(images, rounds);
    Report.main("score", report -> run(settings, report));
  }

  static void run(Settings settings, Report report) throws IOException {
    String data = "cifar10:" + Shared.require("data/cifar10");
    String weights = Shared.require("data/weights/resnet20-12fca82f.th").toString();
    LoadedModel loaded =
        ModelLoader.load(
            new ModelConfig(
                "resnet20", Optional.of(weights), OptionalInt.empty(), OptionalInt.empty()),
            Optional.of(DataShape.of(Datasets.open(data))));
    Samples samples = loaded.samplesOf(Datasets.open(data).part(Part.TRAIN)).first(settings.images);
    report.figure("network", "resnet20 on " + samples.size() + " images of CIFAR-10");
    report.figure("machine", machine());
    Map<String, List<Double>> multiples = new LinkedHashMap<>();
    Map<String, Long> grown = new LinkedHashMap<>();
    List<Double> plains = new ArrayList<>();
    List<Double> merged = new ArrayList<>();
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      for (int round = -1; round < settings.rounds; round++) {
        for (Criterion criterion : Criteria.all()) {
          if (!criterion.needs().contains(Need.SAMPLES)) {
            continue;
          }
          double plain = forward(engine, loaded.model(), samples);
          long before = restartPeak();
          double seconds = score(engine, criterion, loaded.model(), samples);
          long peak = Math.max(0, kilobytes("VmHWM") - before);
          if (round >= 0) {
            plains.add(plain);
            merged.add(evaluation(engine, loaded.model(), samples));
            multiples
                .computeIfAbsent(criterion.name(), n -> new ArrayList<>())
                .add(seconds / plain);
            grown.merge(criterion.name(), peak, Math::max);
          }
        }
      }
    }
    report.figure(
        "plain forward pass, images a second",
        String.format(Locale.ROOT, "%.0f", samples.size() / median(plains)));
    report.figure(
        "as evaluation runs it, batch norm folded, images a second",
        String.format(Locale.ROOT, "%.0f", samples.size() / median(merged)));
    multiples.forEach(
        (name, values) -> {
          report.figure(
              name,
              String.format(
                  Locale.ROOT,
                  "%5.2f passes (%.2f to %.2f), %d MB more at the peak",
                  median(values),
                  values.stream().min(Double::compare).orElseThrow(),
                  values.stream().max(Double::compare).orElseThrow(),
                  grown.get(name) / 1024));
          Double goal = GOALS.get(name);
          if (goal != null) {
            report.claim(
                median(values) <= goal,
                "%s takes %.2f passes, aim %.1f",
                name,
                median(values),
                goal);
          }
        });
  }

  private static double forward(Engine engine, Model model, Samples samples) {
    int pixels = Math.toIntExact(samples.imageShape().size());
    int batch = ScoringPass.batchSize(model.graph());
    float[] images = new float[batch * pixels];
    long start = System.nanoTime();
    try (ForwardPass pass = engine.forwardPass(model)) {
      for (int from = 0; from < samples.size(); from += batch) {
        int n = Math.min(batch, samples.size() - from);
        for (int i = 0; i < n; i++) {
          samples.copyImage(from + i, images, i * pixels);
        }
        pass.outputs(images, n);
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static double evaluation(Engine engine, Model model, Samples samples) {
    int pixels = Math.toIntExact(samples.imageShape().size());
    int batch = ScoringPass.batchSize(model.graph());
    float[] images = new float[batch * pixels];
    long start = System.nanoTime();
    try (InferenceSession session = engine.inference(model, batch)) {
      for (int from = 0; from < samples.size(); from += batch) {
        int n = Math.min(batch, samples.size() - from);
        for (int i = 0; i < n; i++) {
          samples.copyImage(from + i, images, i * pixels);
        }
        session.logits(images, n);
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static double score(Engine engine, Criterion criterion, Model model, Samples samples) {
    SortedMap<String, String> parameters = new TreeMap<>(criterion.resolve(Map.of()));
    CoupledChannels channels = CoupledChannels.of(model.graph());
    ScoringInput input =
        new ScoringInput(model, channels, parameters, Optional.of(samples), Optional.of(engine), 0);
    long start = System.nanoTime();
    criterion.score(input);
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  /** Lets the kernel forget the largest size so far; what the process has now, in kilobytes. */
  private static long restartPeak() throws IOException {
    System.gc();
    Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    return kilobytes("VmRSS");
  }

  private static long kilobytes(String line) {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(each -> each.startsWith(line + ":"))
          .map(each -> each.replaceAll("[^0-9]", ""))
          .mapToLong(Long::parseLong)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String machine() throws IOException {
    String name =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse("unknown processor");
    String load = Files.readString(Path.of("/proc/loadavg"));
    return name
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " cores, one thread used, load "
        + load.substring(0, load.indexOf(' '));
  }
}
