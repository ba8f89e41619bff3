package io.prunegrid.job.store;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a class of the tests in a process of its own, to be killed. */
public final class ChildJvm {
  private ChildJvm() {}

  /** Starts {@code main(arguments)}; standard output goes to the file, errors to ours. */
  public static Process start(Class<?> main, Path output, String... arguments) throws IOException {
    return start(List.of(), main, output, arguments);
  }

  /** The same with options of Java. */
  public static Process start(List<String> options, Class<?> main, Path output, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(options);
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
            .replace(File.pathSeparator + File.pathSeparator, File.pathSeparator));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
