package io.prunegrid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.cli.Main;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program in a process of its own, as a user starts it, so that it can be killed. */
final class Program {
  private final Process process;
  private final Path out;
  private final Path err;

  private Program(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** What a process left behind. */
  record Outcome(int code, String out, String err) {}

  /** Starts a command; relative paths in its arguments are in the working folder. */
  static Program start(Path workingFolder, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-XX:+UseParallelGC", "-XX:-UsePerfData"));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-opens") || option.startsWith("-Dlog4j2"))
        .forEach(command::add);
    command.addAll(List.of("-Djava.awt.headless=true", "-Dai.djl.offline=true", "-cp"));
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    try {
      Path out = Files.createTempFile(workingFolder, "out", ".txt");
      Path err = Files.createTempFile(workingFolder, "err", ".txt");
      Process process =
          new ProcessBuilder(command)
              .directory(workingFolder.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      return new Program(process, out, err);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs a command to its end. */
  static Outcome run(Path workingFolder, String... arguments) {
    return start(workingFolder, arguments).finish();
  }

  long id() {
    return process.pid();
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /** Waits for the end. */
  Outcome finish() {
    try {
      assertThat(process.waitFor(4, TimeUnit.MINUTES)).as("it ends").isTrue();
      return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** Kills it with the signal that no process can catch, and waits until it is dead. */
  Outcome kill() {
    process.destroyForcibly();
    return finish();
  }

  /** Asks it to end, as Ctrl-C and {@code kill} do, and waits until it has. */
  Outcome stop() {
    process.destroy();
    return finish();
  }
}
