package io.prunegrid.job.store.disk;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.WorkingFolder;
import java.io.Serializable;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a file or folder is: a path on this machine's disks, or the address of one on a file system
 * that Hadoop knows, such as {@code hdfs://host:9000/results}. Addresses are spelled as Hadoop
 * spells its paths, without percent signs for special characters.
 *
 * @param text the path or address, without a slash at its end
 */
public record Location(String text) implements Serializable, Comparable<Location> {
  private static final Pattern ADDRESS = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):(.*)");
  private static final Set<String> SCHEMES =
      Set.of("file", "hdfs", "viewfs", "webhdfs", "s3", "s3a", "s3n", "gs", "abfs", "abfss");

  public Location {
    if (text.isEmpty() || (text.endsWith("/") && !text.equals("/"))) {
      throw new IllegalArgumentException("not a location: '" + text + "'");
    }
  }

  /**
   * The place that a user named: a path, relative ones from the working folder, or an address.
   *
   * @throws BadInput where it is neither
   */
  public static Location of(String named) {
    String text = named.strip();
    Matcher address = ADDRESS.matcher(text);
    if (!address.matches()) {
      return of(path(named, text));
    }
    String scheme = address.group(1);
    String rest = address.group(2);
    if (!rest.startsWith("/")) {
      if (SCHEMES.contains(scheme)) {
        throw new BadInput(
            "'" + named + "' is no address; allowed: " + scheme + "://HOST/PATH, or a local path");
      }
      return of(path(named, text));
    }
    if (scheme.equals("file")) {
      if (rest.startsWith("//") && !rest.startsWith("///")) {
        throw new BadInput("'" + named + "' names a host; allowed: file:///PATH, or a local path");
      }
      return of(path(named, rest));
    }
    return new Location(withoutSlash(scheme + ":" + rest));
  }

  /** The place of a local path. */
  public static Location of(Path path) {
    return new Location(withoutSlash(path.toString().isEmpty() ? "." : path.toString()));
  }

  private static Path path(String named, String text) {
    if (text.isEmpty()) {
      throw new BadInput("'" + named + "' is no place; allowed: a local path, or an address");
    }
    try {
      return WorkingFolder.path(text);
    } catch (InvalidPathException e) {
      throw new BadInput("'" + named + "' is no path: " + e.getReason(), e);
    }
  }

  private static String withoutSlash(String text) {
    int end = text.length();
    while (end > 1 && text.charAt(end - 1) == '/' && text.charAt(end - 2) != ':') {
      end--;
    }
    return text.substring(0, end);
  }

  /** Whether it is on this machine's disks, as far as a path can tell. */
  public boolean isLocal() {
    return scheme().isEmpty();
  }

  /** The scheme of an address; empty for a path. */
  public Optional<String> scheme() {
    Matcher address = ADDRESS.matcher(text);
    return address.matches() && address.group(2).startsWith("/")
        ? Optional.of(address.group(1))
        : Optional.empty();
  }

  /**
   * The path of a local one.
   *
   * @throws IllegalStateException where it is not local
   */
  public Path path() {
    if (!isLocal()) {
      throw new IllegalStateException(text + " is not on a local disk");
    }
    return Path.of(text);
  }

  /** What lies in it under this name, which may have slashes inside. */
  public Location resolve(String name) {
    if (name.isEmpty() || name.startsWith("/") || name.endsWith("/") || leaves(name)) {
      throw new IllegalArgumentException("not a name in " + text + ": '" + name + "'");
    }
    return new Location(text.endsWith("/") ? text + name : text + "/" + name);
  }

  private static boolean leaves(String name) {
    for (String part : name.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        return true;
      }
    }
    return false;
  }

  /** The folder that it lies in; empty for a root and for the working folder's own entries. */
  public Optional<Location> parent() {
    if (isLocal()) {
      return Optional.ofNullable(path().getParent()).map(Location::of);
    }
    int slash = text.lastIndexOf('/');
    int root = text.indexOf('/', text.startsWith("//", text.indexOf(':') + 1) ? rootSlash() : 0);
    return slash > root && root >= 0
        ? Optional.of(new Location(text.substring(0, slash)))
        : Optional.empty();
  }

  /** Where the host's name ends in {@code scheme://host/path}. */
  private int rootSlash() {
    return text.indexOf(':') + 3;
  }

  /** Its own name in its folder. */
  public String name() {
    return text.substring(text.lastIndexOf('/') + 1);
  }

  /** The same place without the working folder's part in it. */
  public Location absolute() {
    return isLocal() ? of(path().toAbsolutePath().normalize()) : this;
  }

  /** Whether it is the other place or lies in it. */
  public boolean isWithin(Location other) {
    String here = absolute().text;
    String there = other.absolute().text;
    return here.equals(there) || here.startsWith(there.endsWith("/") ? there : there + "/");
  }

  @Override
  public int compareTo(Location other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
