package io.prunegrid.common;

import java.nio.file.Path;

/**
 * Where relative paths start. Usually the folder that the process was started in; a process that a
 * cluster starts in a folder of its own is told the folder in which the user gave the command, so
 * that one name means one file wherever it is opened.
 */
public final class WorkingFolder {
  /** System property that names the folder, absolute; the process's own where it is absent. */
  public static final String PROPERTY = "prunegrid.folder";

  private WorkingFolder() {}

  /**
   * The path that was named.
   *
   * @throws java.nio.file.InvalidPathException where it is none
   */
  public static Path path(String named) {
    String folder = System.getProperty(PROPERTY);
    return folder == null ? Path.of(named) : Path.of(folder).resolve(named);
  }

  /** The folder itself, absolute. */
  public static Path folder() {
    return path("").toAbsolutePath();
  }
}
