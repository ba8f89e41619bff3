package io.prunegrid.job.store.disk;

import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LeaseRecoverable;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.Path;

/** Finds the file system of a place, once for each scheme and host. */
public final class Disks {
  private static final String PREFIX = "spark.hadoop.";
  private static final Map<String, Disk> OPEN = new ConcurrentHashMap<>();
  private static final Map<String, String> OPTIONS = new ConcurrentHashMap<>();

  private Disks() {}

  /**
   * Sets Hadoop's options for this process, beside its own files on the class path and system
   * properties named {@code spark.hadoop.NAME}.
   */
  public static void configure(Map<String, String> options) {
    OPTIONS.putAll(options);
  }

  /** Hadoop's configuration as {@link Disk} uses it. */
  static Configuration configuration() {
    Configuration configuration = new Configuration();
    Properties system = System.getProperties();
    for (String name : system.stringPropertyNames()) {
      if (name.startsWith(PREFIX)) {
        configuration.set(name.substring(PREFIX.length()), system.getProperty(name));
      }
    }
    OPTIONS.forEach(configuration::set);
    return configuration;
  }

  static Disk of(Location location) {
    if (location.isLocal()) {
      return LocalDisk.INSTANCE;
    }
    Path path = new Path(location.text());
    URI address = path.toUri();
    String host = address.getScheme() + "://" + address.getAuthority();
    return OPEN.computeIfAbsent(host, key -> open(location, path));
  }

  private static Disk open(Location location, Path path) {
    Configuration configuration = configuration();
    try {
      FileSystem system = path.getFileSystem(configuration);
      if (system instanceof LeaseRecoverable) {
        return new HdfsDisk(system, FileContext.getFileContext(system.getUri(), configuration));
      }
      if (system.hasPathCapability(
          path, CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE)) {
        return new ObjectDisk(system);
      }
    } catch (IOException | RuntimeException e) {
      throw new BadInput(location + " cannot be reached: " + HadoopErrors.reason(e), e);
    }
    throw new BadInput(
        location
            + " is on a file system of scheme '"
            + location.scheme().orElse("")
            + "', which can neither rename without replacing nor create without overwriting as far"
            + " as it says; allowed: a local path, hdfs://HOST/PATH, s3a://BUCKET/PATH");
  }

  /** What is wrong with a remote folder that is to be written; empty where nothing is. */
  static Optional<String> problem(FileSystem system, String what, Location folder) {
    try {
      for (Optional<Location> at = Optional.of(folder); at.isPresent(); at = at.get().parent()) {
        Path path = new Path(at.get().text());
        if (system.exists(path)) {
          if (!system.getFileStatus(path).isDirectory()) {
            return Optional.of(
                what + " " + folder + " cannot be made: " + at.get() + " is not a folder");
          }
          system.access(path, org.apache.hadoop.fs.permission.FsAction.WRITE);
          return Optional.empty();
        }
      }
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.of(what + " " + folder + " cannot be used: " + HadoopErrors.reason(e));
    }
  }
}
