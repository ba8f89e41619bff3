package io.prunegrid.job.spark;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.WorkingFolder;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command line that hands the program to a cluster by {@code spark-submit}, or by the class
 * behind it where {@code SPARK_HOME} holds nothing but jars.
 *
 * <p>A thin application jar travels with the few jars that Spark does not bring. PyTorch's native
 * libraries are far larger and stay where they are: executors find them on their class path, under
 * the same path on every machine or in the folder that {@code PRUNEGRID_NATIVES} names.
 *
 * @param sparkHome Spark's folder, with a folder {@code jars} inside
 * @param application the application's jar
 * @param classPath everything else that the program needs
 * @param confFolder Spark's defaults and how to log
 * @param nativesFolder where the native libraries are on every machine; empty: where they are here
 * @param javaOptions of the driver
 */
public record Submission(
    Path sparkHome,
    Path application,
    List<Path> classPath,
    Path confFolder,
    Optional<String> nativesFolder,
    List<String> javaOptions) {
  private static final String MAIN = "io.prunegrid.job.cli.Main";

  public Submission {
    classPath = List.copyOf(classPath);
    javaOptions = List.copyOf(javaOptions);
  }

  /** Who waits for the end of a run. */
  public enum DeployMode {
    /** The driver is a process here. */
    CLIENT,
    /** The driver is a process of the cluster. */
    CLUSTER
  }

  /** Jars that travel with the run. */
  public List<Path> shipped() {
    return classPath.stream()
        .filter(jar -> !isNative(jar))
        .filter(jar -> !Files.exists(sparkHome.resolve("jars").resolve(jar.getFileName())))
        .toList();
  }

  /** Entries of the class path that do not travel. */
  public List<String> natives() {
    return classPath.stream()
        .filter(Submission::isNative)
        .map(
            jar ->
                nativesFolder
                    .map(folder -> folder + "/" + jar.getFileName())
                    .orElse(jar.toString()))
        .toList();
  }

  private static boolean isNative(Path jar) {
    String name = jar.getFileName().toString();
    return name.startsWith("pytorch-native-")
        || name.startsWith("pytorch-jni-")
        || name.startsWith("onnxruntime-");
  }

  /**
   * The whole command, program first.
   *
   * @param options of Spark, which go before the defaults here
   * @param arguments of the program
   * @throws BadInput where {@code SPARK_HOME} is no Spark
   */
  public List<String> command(
      String master, DeployMode mode, Map<String, String> options, List<String> arguments) {
    if (!Files.isDirectory(sparkHome.resolve("jars"))) {
      throw new BadInput("SPARK_HOME is " + sparkHome + ", which holds no folder jars");
    }
    List<String> command = new ArrayList<>(submit());
    command.addAll(List.of("--master", master, "--class", MAIN));
    if (mode == DeployMode.CLUSTER) {
      command.addAll(List.of("--deploy-mode", "cluster"));
    }
    command.addAll(
        List.of("--jars", String.join(",", shipped().stream().map(Path::toString).toList())));
    options(mode, options)
        .forEach((name, value) -> command.addAll(List.of("--conf", name + "=" + value)));
    command.add(application.toString());
    command.addAll(arguments);
    return command;
  }

  private List<String> submit() {
    Path script = sparkHome.resolve("bin/spark-submit");
    if (Files.isExecutable(script)) {
      return List.of(script.toString());
    }
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(javaOptions);
    java.addAll(List.of("-cp", confFolder + File.pathSeparator + sparkHome.resolve("jars") + "/*"));
    java.add("org.apache.spark.deploy.SparkSubmit");
    return java;
  }

  private Map<String, String> options(DeployMode mode, Map<String, String> given) {
    String natives = String.join(File.pathSeparator, natives());
    Map<String, String> options = new LinkedHashMap<>();
    options.put("spark.executor.extraClassPath", natives);
    options.put(
        "spark.driver.extraClassPath",
        mode == DeployMode.CLUSTER ? natives : confFolder + File.pathSeparator + natives);
    if (mode == DeployMode.CLUSTER) {
      options.put("spark.standalone.submit.waitAppCompletion", "true");
      options.put("spark.yarn.submit.waitAppCompletion", "true");
      // a run that ends with missing cells is no driver that failed
      options.put("spark.yarn.maxAppAttempts", "1");
      options.put("spark.kubernetes.submission.waitAppCompletion", "true");
    }
    if (mode == DeployMode.CLUSTER || Files.isExecutable(sparkHome.resolve("bin/spark-submit"))) {
      List<String> java = new ArrayList<>(javaOptions);
      java.add("-D" + WorkingFolder.PROPERTY + "=" + WorkingFolder.folder());
      options.put("spark.driver.extraJavaOptions", quoted(java));
    }
    given.forEach(
        (name, value) ->
            options.merge(
                name,
                value,
                (ours, theirs) ->
                    name.endsWith("ClassPath")
                        ? theirs + File.pathSeparator + ours
                        : name.endsWith("JavaOptions") ? ours + " " + theirs : theirs));
    return options;
  }

  /** As Spark takes options apart again. */
  private static String quoted(List<String> words) {
    return String.join(
        " ",
        words.stream()
            .map(word -> word.contains(" ") ? "\"" + word.replace("\"", "\\\"") + "\"" : word)
            .toList());
  }
}
