package io.prunegrid.job.checks;

import io.prunegrid.job.cli.Main;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The program in a process of its own, as a user starts it, so that it can be killed. */
public final class SweepProcess {
  private static final long LONGEST_MINUTES = 60;

  private final Process process;
  private final Path out;
  private final Path err;
  private final long started = System.nanoTime();

  private SweepProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * How the process is started.
   *
   * @param folder its working folder, where its output goes too
   * @param javaOptions beside those that every such process needs
   * @param environment added to this process's own
   */
  public record Settings(Path folder, List<String> javaOptions, Map<String, String> environment) {
    public Settings {
      javaOptions = List.copyOf(javaOptions);
      environment = Map.copyOf(environment);
    }

    /** In this folder, with a heap of 1 GB. */
    public static Settings in(Path folder) {
      return new Settings(folder, List.of("-Xmx1g"), Map.of());
    }

    /** The same with further options of Java, which come later and so win. */
    public Settings with(String... options) {
      List<String> all = new ArrayList<>(javaOptions);
      all.addAll(List.of(options));
      return new Settings(folder, all, environment);
    }

    /** The same with a variable in the environment. */
    public Settings where(String name, String value) {
      Map<String, String> all = new LinkedHashMap<>(environment);
      all.put(name, value);
      return new Settings(folder, javaOptions, all);
    }

    /** The same as the driver of a cluster, in client mode. */
    public Settings on(StandaloneSpark cluster) {
      List<String> options = new ArrayList<>(javaOptions);
      cluster.properties().forEach((key, value) -> options.add("-D" + key + "=" + value));
      Map<String, String> all = new LinkedHashMap<>(environment);
      all.putAll(cluster.environment());
      return new Settings(folder, options, all);
    }
  }

  /**
   * What a process left behind.
   *
   * @param seconds from its start to its end
   */
  public record Outcome(int code, String out, String err, double seconds) {}

  /** Starts a command; relative paths in its arguments are in the working folder. */
  public static SweepProcess start(Settings settings, String... arguments) {
    return start(settings, Main.class, arguments);
  }

  /** Starts another program of this class path. */
  public static SweepProcess start(Settings settings, Class<?> main, String... arguments) {
    List<String> command = command(settings, main, arguments);
    try {
      Files.createDirectories(settings.folder());
      Path out = Files.createTempFile(settings.folder(), "out", ".txt");
      Path err = Files.createTempFile(settings.folder(), "err", ".txt");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(settings.folder().toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(settings.environment());
      return new SweepProcess(builder.start(), out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The command line of a program of this class path. */
  static List<String> command(Settings settings, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseParallelGC", "-XX:-UsePerfData", "-Djava.awt.headless=true"));
    command.add("-Dai.djl.offline=true");
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-opens") || option.startsWith("-Dlog4j2"))
        .forEach(command::add);
    command.addAll(settings.javaOptions());
    command.addAll(List.of("-cp", StandaloneSpark.classPath(), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Runs a command to its end. */
  public static Outcome run(Settings settings, String... arguments) {
    return start(settings, arguments).finish();
  }

  /** The process's number. */
  public long id() {
    return process.pid();
  }

  /** Whether it has not ended yet. */
  public boolean isRunning() {
    return process.isAlive();
  }

  /** What it has said on standard error so far. */
  public String errorsSoFar() {
    return read(err);
  }

  /**
   * Waits for the end.
   *
   * @throws IllegalStateException where it does not end within an hour; it is killed then
   */
  public Outcome finish() {
    try {
      if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
        throw new IllegalStateException("process " + id() + " does not end: " + read(err));
      }
      double seconds = (System.nanoTime() - started) * 1e-9;
      return new Outcome(process.exitValue(), read(out), read(err), seconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** Kills it with the signal that no process can catch, and waits until it is dead. */
  public Outcome kill() {
    process.destroyForcibly();
    return finish();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
