package io.prunegrid.job.checks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Removal;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Ranking;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.ScoringInput;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.InferenceSession;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How long it takes to find coupled channels, to score them by group magnitude and to take half of
 * them out, on one thread, as a multiple of one forward pass of the same network at batch 1. Both
 * are timed in turn, in seconds on the wall and of the processor, so that a busy machine shows.
 */
public final class PruneBench {
  private static final List<String> NETWORKS =
      List.of(
          "resnet20",
          "resnet56",
          "resnet18",
          "resnet34",
          "resnet50",
          "mobilenet_v2",
          "mobilenet_v3_small",
          "efficientnet_b0",
          "squeezenet1_1",
          "googlenet",
          "regnet_y_400mf",
          "resnext50_32x4d",
          "alexnet",
          "vgg11_bn",
          "vgg16",
          "vgg16_bn",
          "vgg19_bn",
          "convnext_tiny",
          "inception_v3",
          "vit_b_16",
          "densenet121");

  private static final int ROUNDS = 9;
  private static final Duration WARM_UP = Duration.ofSeconds(3);

  private PruneBench() {}

  /** Every network that Torch-Pruning was timed on, or those named. */
  public static void main(String[] arguments) {
    List<String> names = arguments.length > 0 ? Arrays.asList(arguments) : NETWORKS;
    Report.main("prune", report -> check(report, names, ROUNDS, WARM_UP));
  }

  /**
   * Times these networks.
   *
   * @param warmUp processor time for which each is pruned and run before it is timed
   */
  static void check(Report report, List<String> names, int rounds, Duration warmUp)
      throws IOException {
    Map<String, Double> reference = reference();
    report.figure(
        "network", "grouping ms, scoring ms, removal ms, forward ms, multiple (processor)");
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      for (String name : names) {
        Times times = times(engine, name, rounds, warmUp);
        report.figure(name, times.line() + goal(reference.get(name)));
        report.claim(times.forward() > 0, "%s was timed", name);
      }
    }
  }

  private static String goal(Double multiple) {
    return multiple == null
        ? ""
        : String.format(
            Locale.ROOT, "; Torch-Pruning's is %.2f, a tenth %.2f", multiple, multiple / 10);
  }

  /** Medians: on the wall of each part, and of the processor in all. */
  private record Times(
      double grouping, double scoring, double removal, double forward, double processor) {
    String line() {
      double multiple = (grouping + scoring + removal) / forward;
      return String.format(
          Locale.ROOT,
          "%.1f, %.1f, %.1f, %.1f, %.2f (%.2f)",
          grouping,
          scoring,
          removal,
          forward,
          multiple,
          processor);
    }
  }

  private static Times times(Engine engine, String name, int rounds, Duration warmUp) {
    NetworkSize size = Zoo.publishedSize(name);
    ModelGraph graph = Zoo.build(name, size);
    Model model = new Model(graph, Procedural.weights(graph));
    float[] image =
        Procedural.input(0, Shape.of(1, size.channels(), size.height(), size.width())).toArray();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double[][] wall = new double[4][rounds];
    double[][] processor = new double[2][rounds];
    try (InferenceSession session = engine.inference(model, 1)) {
      long warm = threads.getCurrentThreadCpuTime() + warmUp.toNanos();
      while (threads.getCurrentThreadCpuTime() < warm) {
        prune(model);
        session.logits(image, 1);
      }
      for (int i = 0; i < rounds; i++) {
        long before = threads.getCurrentThreadCpuTime();
        long[] at = prune(model);
        long between = threads.getCurrentThreadCpuTime();
        long start = System.nanoTime();
        session.logits(image, 1);
        long end = System.nanoTime();
        long after = threads.getCurrentThreadCpuTime();
        for (int part = 0; part < 3; part++) {
          wall[part][i] = (at[part + 1] - at[part]) / 1e6;
        }
        wall[3][i] = (end - start) / 1e6;
        processor[0][i] = (between - before) / 1e6;
        processor[1][i] = (after - between) / 1e6;
      }
    }
    return new Times(
        median(wall[0]),
        median(wall[1]),
        median(wall[2]),
        median(wall[3]),
        median(processor[0]) / median(processor[1]));
  }

  /** The moments between grouping, scoring and removal. */
  private static long[] prune(Model model) {
    Criterion criterion = Criteria.named("group-magnitude");
    SortedMap<String, String> parameters = criterion.resolve(Map.of());
    SelectionConfig config = SelectionConfig.defaults();
    long start = System.nanoTime();
    CoupledChannels channels = CoupledChannels.of(model.graph());
    long grouped = System.nanoTime();
    Scores scores =
        criterion.score(
            new ScoringInput(model, channels, parameters, Optional.empty(), Optional.empty(), 0));
    double[] ranked = criterion.classScores(scores, new Ranking(channels, config, parameters, 0.5));
    long scored = System.nanoTime();
    Removal.remove(model, channels, Selection.select(channels, ranked, 0.5, config));
    return new long[] {start, grouped, scored, System.nanoTime()};
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** The reference's multiples by network, none where the shared data are absent. */
  private static Map<String, Double> reference() throws IOException {
    String shared = System.getenv().getOrDefault("PRUNEGRID_SHARED", "../shared");
    Path file = Path.of(shared, "oracle", "torch-pruning", "timing.json");
    Map<String, Double> multiples = new TreeMap<>();
    if (Files.exists(file)) {
      for (Map.Entry<String, JsonNode> row :
          new ObjectMapper().readTree(file.toFile()).properties()) {
        double seconds = row.getValue().path("init_plus_prune_s").asDouble();
        multiples.put(
            row.getKey().replace("_inner", ""),
            seconds / row.getValue().path("forward1_s").asDouble());
      }
    }
    return multiples;
  }
}
