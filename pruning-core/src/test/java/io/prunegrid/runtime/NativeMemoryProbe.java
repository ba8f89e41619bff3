package io.prunegrid.runtime;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDManager;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.train.TrainingConfig;
import io.prunegrid.zoo.Initialization;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Does one thing many times and prints by how many arrays and managers, and by how many resident
 * bytes, the process has grown. Runs with a Java heap that is resident from the start, so that what
 * grows is native.
 */
final class NativeMemoryProbe {
  private static final int WARM_UP = 500;
  private static final int STEPS = 2_000;
  private static final int BATCH = 16;
  private static final float[] IMAGES = InferenceSessionTest.noise(BATCH * 288, 1);
  private static final int[] LABELS = IntStream.range(0, BATCH).map(i -> i % 5).toArray();

  private NativeMemoryProbe() {}

  public static void main(String[] arguments) throws Exception {
    Model model = model();
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        TrainingSession training =
            engine.training(model, TrainingConfig.defaults().updateRule(), Map.of(), 1);
        InferenceSession inference = engine.inference(model);
        ImagePass gates =
            engine.images(model, taps("conv", "next", "hidden"), Set.of(WeightReading.values()))) {
      switch (arguments[0]) {
        case "training" -> report(engine, () -> training.step(IMAGES, BATCH, LABELS, 1e-4));
        case "inference" -> report(engine, () -> inference.logits(IMAGES, BATCH));
        case "gates" -> report(engine, 400, () -> gates.run(IMAGES, BATCH, LABELS));
        case "sessions" -> report(engine, () -> openAndClose(engine, model));
        case "forgotten-array" ->
            report(engine, () -> Kernels.upload(engine.newManager(), new float[20_000], 20_000));
        default -> throw new IllegalArgumentException(arguments[0]);
      }
    }
  }

  private static void openAndClose(Engine engine, Model model) {
    try (InferenceSession inference = engine.inference(model);
        ImagePass gates = engine.images(model, taps("next"), Set.of());
        TrainingSession training =
            engine.training(model, TrainingConfig.defaults().updateRule(), Map.of(), 1)) {
      if (inference.batch() + gates.hashCode() + training.hashCode() == 0) {
        throw new IllegalStateException("sessions are used");
      }
    }
  }

  /** Every reading at each of these nodes. */
  private static Set<Tap> taps(String... nodes) {
    RelevanceRules.Rule both = new RelevanceRules.AlphaBeta(2);
    RelevanceRules rules =
        new RelevanceRules(
            both,
            new RelevanceRules.Epsilon(1e-6),
            Optional.of(new RelevanceRules.Box(-3, 3)),
            RelevanceRules.Start.ONE);
    Set<Tap> taps = new LinkedHashSet<>();
    for (String node : nodes) {
      taps.add(new Tap(node, new Reading.Effect()));
      taps.add(new Tap(node, new Reading.GradientSize()));
      taps.add(new Tap(node, new Reading.AbsoluteSum()));
      taps.add(new Tap(node, new Reading.PositiveCount()));
      taps.add(new Tap(node, new Reading.Length(Reading.Activation.LEAKY_RELU, 0.1)));
      taps.add(new Tap(node, new Reading.Relevance(rules, Reading.Amount.ABSOLUTE)));
    }
    taps.add(new Tap("input", new Reading.Relevance(rules, Reading.Amount.SIGNED)));
    return taps;
  }

  private static Model model() {
    GraphBuilder builder = new GraphBuilder(Shape.of(2, 12, 12));
    String conv = builder.conv("conv", builder.input(), 8, 3, 1, 1, Bias.NO);
    String relu = builder.relu("relu", builder.batchNorm("bn", conv));
    String next = builder.conv("next", relu, 8, 3, 1, 1, Bias.YES);
    String sum = builder.relu("rectified", builder.add("sum", new Op.Add(), relu, next));
    String flat = builder.add("drop", new Op.Dropout(0.1), builder.flatten("flat", sum));
    String hidden = builder.relu("active", builder.linear("hidden", flat, 64));
    ModelGraph graph = builder.build(builder.linear("fc", hidden, 5));
    return new Model(graph, Initialization.weights(graph, 1));
  }

  private static void report(Engine engine, Runnable step) throws Exception {
    report(engine, STEPS, step);
  }

  private static void report(Engine engine, int steps, Runnable step) throws Exception {
    for (int i = 0; i < Math.min(WARM_UP, steps); i++) {
      step.run();
    }
    int alive = alive(engine);
    long bytes = residentBytes();
    for (int i = 0; i < steps; i++) {
      step.run();
    }
    System.out.println((alive(engine) - alive) + " " + (residentBytes() - bytes));
  }

  private static long residentBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(kilobytes -> Long.parseLong(kilobytes) * 1024)
        .findFirst()
        .orElseThrow();
  }

  /** Arrays and managers alive, through all sub-managers. */
  private static int alive(Engine engine) throws ReflectiveOperationException {
    Field manager = Engine.class.getDeclaredField("manager");
    manager.setAccessible(true);
    return alive((NDManager) manager.get(engine));
  }

  private static int alive(NDManager manager) throws ReflectiveOperationException {
    Field resources = BaseNDManager.class.getDeclaredField("resources");
    resources.setAccessible(true);
    int count = 0;
    for (Object resource : ((Map<?, ?>) resources.get(manager)).values()) {
      count += 1 + (resource instanceof NDManager child ? alive(child) : 0);
    }
    return count;
  }
}
