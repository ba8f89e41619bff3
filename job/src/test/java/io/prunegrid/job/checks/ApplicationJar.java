package io.prunegrid.job.checks;

import io.prunegrid.job.spark.Submission;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** The application as a cluster gets it, put together from this process's class path. */
final class ApplicationJar {
  private ApplicationJar() {}

  /** A submission whose jar is made in a folder of compiled classes and of nothing else. */
  static Submission submission(Path folder, StandaloneSpark spark) throws IOException {
    List<Path> jars = new ArrayList<>();
    List<Path> classes = new ArrayList<>();
    for (String entry : StandaloneSpark.classPath().split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path) && !path.endsWith("test-classes")) {
        classes.add(path);
      } else if (entry.endsWith(".jar")) {
        jars.add(path);
      }
    }
    Path jar = folder.resolve("application.jar");
    write(jar, classes);
    return new Submission(
        spark.sparkHome(),
        jar,
        jars.stream().filter(each -> isOfTheProgram(each)).toList(),
        StandaloneSpark.home().resolve("conf"),
        Optional.empty(),
        javaOptions());
  }

  /** What the tests bring beside the program; a run that needs it should fail. */
  private static boolean isOfTheProgram(Path jar) {
    return Stream.of(
            "junit",
            "assertj",
            "byte-buddy",
            "opentest4j",
            "apiguardian",
            "archunit",
            "duckdb",
            "minicluster",
            "surefire",
            "jazzer",
            "-tests")
        .noneMatch(name -> jar.toString().contains(name));
  }

  private static List<String> javaOptions() {
    List<String> options = new ArrayList<>(List.of("-Xmx1g", "-Dai.djl.offline=true"));
    java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-opens"))
        .forEach(options::add);
    return options;
  }

  private static void write(Path jar, List<Path> folders) throws IOException {
    Set<String> written = new HashSet<>();
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(file)) {
      for (Path folder : folders) {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path each : files.filter(Files::isRegularFile).toList()) {
            String name = folder.relativize(each).toString();
            if (written.add(name)) {
              entries.putNextEntry(new JarEntry(name));
              Files.copy(each, entries);
            }
          }
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
