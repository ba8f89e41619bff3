package io.prunegrid.runtime;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Native memory is invisible to the garbage collector, so it is counted in two ways: as what the
 * engine's managers hold, one by one, and as what the operating system gave the process. A step
 * leaves nothing, so a single array forgotten in each of 2,000 steps shows in both.
 */
class NativeMemoryTest {
  private static final int STEPS = 2_000;
  private static final int BATCH = 16;
  private static final long ALLOWED_BYTES = 96L << 20;

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

  /** Resident memory beyond the Java heap, which may grow for reasons of its own. */
  private static long residentBytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    Assumptions.assumeTrue(Files.exists(status), "the process's memory is read from /proc");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(kilobytes -> Long.parseLong(kilobytes) * 1024)
        .map(bytes -> bytes - Runtime.getRuntime().totalMemory())
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
    Field field = BaseNDManager.class.getDeclaredField("resources");
    field.setAccessible(true);
    int count = 0;
    for (AutoCloseable resource :
        ((Map<?, ? extends AutoCloseable>) resources(field, manager)).values()) {
      count += 1 + (resource instanceof NDManager child ? alive(child) : 0);
    }
    return count;
  }

  @SuppressWarnings("unchecked")
  private static Map<?, ? extends AutoCloseable> resources(Field field, NDManager manager)
      throws ReflectiveOperationException {
    return (Map<?, ? extends AutoCloseable>) field.get(manager);
  }

  /** Uses what the Java heap has reserved, so that it counts as resident from here on. */
  private static void touchHeap() {
    long sum = 0;
    for (int i = 0; i < 20_000; i++) {
      sum += new float[1 << 14].length;
    }
    assertThat(sum).isPositive();
  }

  private static void assertFlat(Engine engine, Runnable step) throws Exception {
    for (int i = 0; i < STEPS / 10; i++) {
      step.run();
    }
    touchHeap();
    int aliveBefore = alive(engine);
    long bytesBefore = residentBytes();
    for (int i = 0; i < STEPS; i++) {
      step.run();
    }
    assertThat(alive(engine)).isEqualTo(aliveBefore);
    assertThat(residentBytes() - bytesBefore).isLessThan(ALLOWED_BYTES);
  }

  private static final float[] IMAGES = InferenceSessionTest.noise(BATCH * 288, 1);
  private static final int[] LABELS = IntStream.range(0, BATCH).map(i -> i % 5).toArray();

  @Test
  void trainingStepsLeaveNothingBehind() throws Exception {
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        TrainingSession session =
            engine.training(model(), TrainingConfig.defaults(), Map.of(), 1)) {
      assertFlat(engine, () -> session.step(IMAGES, BATCH, LABELS, 1e-4));
    }
  }

  @Test
  void inferenceLeavesNothingBehind() throws Exception {
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        InferenceSession session = engine.inference(model())) {
      assertFlat(engine, () -> session.logits(IMAGES, BATCH));
    }
  }

  @Test
  void gateGradientsLeaveNothingBehind() throws Exception {
    try (Engine engine = Engine.open(ComputeDevice.CPU);
        GateGradients gates = engine.gateGradients(model(), List.of("conv", "next", "hidden"))) {
      assertFlat(engine, () -> gates.run(IMAGES, BATCH, LABELS));
    }
  }

  @Test
  void closedSessionsLeaveNothingBehind() throws Exception {
    Model model = model();
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      assertFlat(
          engine,
          () -> {
            try (InferenceSession inference = engine.inference(model);
                GateGradients gates = engine.gateGradients(model, List.of("next"));
                TrainingSession training =
                    engine.training(model, TrainingConfig.defaults(), Map.of(), 1)) {
              assertThat(inference.batch() + training.hashCode() + gates.hashCode()).isNotZero();
            }
          });
    }
  }
}
