package io.prunegrid.job.checks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real Spark cluster on this machine: a standalone master and workers as {@code scripts/cluster}
 * starts them, each a process with a folder of its own, on the loopback interface.
 */
public final class StandaloneSpark implements AutoCloseable {
  private static final String FOLDER_MARK = "-Dprunegrid.cluster=";

  private final Path folder;

  private StandaloneSpark(Path folder) {
    this.folder = folder;
  }

  /**
   * What a cluster is made of.
   *
   * @param workers worker processes
   * @param cores slots of each worker
   * @param memory of each worker's executors, as {@code 1g}
   * @param environment of workers and executors; <code>{folder}</code> is the worker's own folder
   * @param gpus of each worker
   * @param gpuScript what finds them
   */
  public record Shape(
      int workers,
      int cores,
      String memory,
      Map<String, String> environment,
      int gpus,
      Optional<Path> gpuScript) {
    public Shape {
      environment = Map.copyOf(environment);
    }

    /** So many workers with so many slots each, and nothing special. */
    public static Shape of(int workers, int cores) {
      return new Shape(workers, cores, "1g", Map.of(), 0, Optional.empty());
    }

    /** The same with a variable in the environment. */
    public Shape with(String name, String value) {
      Map<String, String> more = new LinkedHashMap<>(environment);
      more.put(name, value);
      return new Shape(workers, cores, memory, more, gpus, gpuScript);
    }

    /** The same with so much memory each. */
    public Shape withMemory(String each) {
      return new Shape(workers, cores, each, environment, gpus, gpuScript);
    }

    /** The same with GPUs. */
    public Shape withGpus(int each, Path script) {
      return new Shape(workers, cores, memory, environment, each, Optional.of(script));
    }
  }

  /** Starts a cluster and waits until all workers have joined. */
  public static StandaloneSpark start(Path folder, Shape shape) {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("--port", "0", "--workers", String.valueOf(shape.workers())));
    options.addAll(List.of("--cores", String.valueOf(shape.cores()), "--memory", shape.memory()));
    shape
        .environment()
        .forEach((name, value) -> options.addAll(List.of("--env", name + "=" + value)));
    if (shape.gpus() > 0) {
      options.addAll(List.of("--gpus", String.valueOf(shape.gpus())));
      shape.gpuScript().ifPresent(file -> options.addAll(List.of("--gpu-script", file.toString())));
    }
    try {
      Files.createDirectories(folder);
      StandaloneSpark spark = new StandaloneSpark(folder.toRealPath());
      spark.script("up", options);
      return spark;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The checkout that this program was built from. */
  public static Path home() {
    return Path.of(System.getProperty("prunegrid.home")).toAbsolutePath().normalize();
  }

  /** The master's URL. */
  public String master() {
    return read("url");
  }

  /** What {@code SPARK_HOME} is for processes of this cluster's Spark. */
  public Path sparkHome() {
    return home().resolve("target/spark");
  }

  /** Environment and Java options with which a plain process finds this cluster's Spark. */
  public Map<String, String> environment() {
    return Map.of(
        "SPARK_HOME", sparkHome().toString(),
        "SPARK_SCALA_VERSION", "2.13",
        "SPARK_LOCAL_IP", "127.0.0.1");
  }

  /**
   * Spark properties for a driver in a plain process: executors run what this process's class path
   * holds.
   */
  public Map<String, String> properties() {
    return Map.of(
        "spark.master",
        master(),
        "spark.driver.host",
        "127.0.0.1",
        "spark.driver.bindAddress",
        "127.0.0.1",
        "spark.executor.extraClassPath",
        classPath());
  }

  /** This process's class path. */
  static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** The worker's folder: its executors' working folders and logs are in {@code work}. */
  public Path workerFolder(int worker) {
    return folder.resolve("worker-" + (worker + 1));
  }

  /** The processes of the workers, in order. */
  public List<ProcessHandle> workers() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches("worker-\\d+\\.pid"))
          .sorted()
          .flatMap(
              file ->
                  ProcessHandle.of(Long.parseLong(read(file.getFileName().toString()))).stream())
          .filter(this::isOurs)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The executors that run now. */
  public List<ProcessHandle> executors() {
    return children("CoarseGrainedExecutorBackend");
  }

  /** The drivers that run on the workers now, in cluster mode. */
  public List<ProcessHandle> drivers() {
    return children("DriverWrapper");
  }

  /** Ends all processes of this cluster. */
  @Override
  public void close() {
    script("down", List.of());
  }

  private List<ProcessHandle> children(String named) {
    return workers().stream()
        .flatMap(ProcessHandle::children)
        .filter(child -> commandLine(child.pid()).contains(named))
        .toList();
  }

  private boolean isOurs(ProcessHandle process) {
    return commandLine(process.pid()).contains(FOLDER_MARK + folder);
  }

  /** The JDK shortens long command lines, and a class path is long. */
  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc", String.valueOf(pid), "cmdline"));
    } catch (IOException e) {
      return "";
    }
  }

  private String read(String file) {
    try {
      return Files.readString(folder.resolve(file)).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void script(String command, List<String> options) {
    List<String> line = new ArrayList<>();
    line.addAll(List.of(home().resolve("scripts/cluster").toString(), command));
    line.addAll(List.of("--folder", folder.toString()));
    line.addAll(options);
    Path output = folder.resolve("script.txt");
    try {
      Process process =
          new ProcessBuilder(line)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.to(output.toFile()))
              .start();
      if (!process.waitFor(3, TimeUnit.MINUTES) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IllegalStateException(
            "scripts/cluster " + command + ": " + Files.readString(output));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
