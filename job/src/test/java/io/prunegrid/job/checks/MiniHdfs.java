package io.prunegrid.job.checks;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/**
 * A real HDFS on this machine's loopback, a name node and a data node in one process of their own,
 * with nothing but Hadoop on its class path.
 */
public final class MiniHdfs implements AutoCloseable {
  private static final String READY = "hdfs is at ";

  private final Process process;
  private final String uri;

  private MiniHdfs(Process process, String uri) {
    this.process = process;
    this.uri = uri;
  }

  /**
   * Starts it; its files and its log are under a folder.
   *
   * @throws IllegalStateException where it does not come up; it says where the log is
   */
  public static MiniHdfs start(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path log = folder.resolve("hdfs.log").toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-XX:-UsePerfData", "-cp", classPath(), MiniHdfs.class.getName()));
    command.add(folder.toAbsolutePath().resolve("hdfs").toString());
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (process.isAlive() && System.nanoTime() < end) {
      for (String line : Files.readString(log).lines().toList()) {
        if (line.startsWith(READY)) {
          return new MiniHdfs(process, line.substring(READY.length()));
        }
      }
      Thread.sleep(50);
    }
    process.destroyForcibly();
    throw new IllegalStateException("HDFS did not start; see " + log);
  }

  /** Its address, {@code hdfs://localhost:PORT}. */
  public String uri() {
    return uri;
  }

  /** The process's number. */
  public long id() {
    return process.pid();
  }

  /** Stops it, and this process's connection to it; what it stored stays in its folder. */
  @Override
  public void close() {
    try {
      FileSystem.get(URI.create(uri), new Configuration()).close();
    } catch (IOException e) {
      // A log that was left open, for instance: it ends with the process.
    }
    process.destroyForcibly().onExit().join();
  }

  /** Hadoop's own jars of this process's class path, and the classes of the tests. */
  private static String classPath() {
    String all =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return String.join(
        File.pathSeparator,
        Arrays.stream(all.split(File.pathSeparator, -1))
            .filter(
                entry ->
                    entry.matches(
                        ".*/(hadoop-client-(api|runtime|minicluster)|slf4j-api|snappy-java|"
                            + "commons-logging|mockito-core)-[^/]*\\.jar|.*/job/target/test-classes/?"))
            .toList());
  }

  /** Runs it in this process until that is ended. Arguments: the folder of its files. */
  public static void main(String[] arguments) throws Exception {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, arguments[0]);
    configuration.setInt("dfs.replication", 1);
    configuration.setInt("dfs.heartbeat.interval", 1);
    configuration.setBoolean("dfs.permissions.enabled", true);
    configuration.set("dfs.namenode.http-address", "127.0.0.1:0");
    MiniDFSCluster cluster =
        new MiniDFSCluster.Builder(configuration).numDataNodes(1).format(true).build();
    cluster.waitClusterUp();
    System.out.println(READY + cluster.getURI());
    System.out.flush();
    // Whoever started it holds the other end, and takes it along when it ends.
    while (System.in.read() >= 0) {}
    Runtime.getRuntime().halt(0);
  }
}
