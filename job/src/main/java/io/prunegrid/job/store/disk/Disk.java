package io.prunegrid.job.store.disk;

import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What results and artifacts ask of a file system; implemented for each by what it truly
 * guarantees. Four things:
 *
 * <ul>
 *   <li>values: whole files that are published where the name has none. Of all who publish a name
 *       exactly one is told that it did; a reader finds nothing or a whole value; what was
 *       published, by anyone, survives a power cut once any publisher has been told; a writer that
 *       dies anywhere leaves nothing under the name, or the whole value, and perhaps an unfinished
 *       file beside it.
 *   <li>logs: files that one writer appends to and forces. What was forced is read back, however
 *       the writer ended; bytes after that may be there, torn or not.
 *   <li>the lock of a folder, which one process holds at a time.
 *   <li>listing and deleting.
 * </ul>
 *
 * <p>An {@link IOException} means that nothing is known: what was asked may have happened. Asking
 * again is always safe.
 */
public interface Disk {
  /** What a value or log in the making is called. */
  String UNFINISHED = ".unfinished-";

  /** How far the publication of a value has come; a crash after each leaves another state. */
  enum Stage {
    /** Its bytes are written under a hidden name, not forced. */
    WRITTEN,
    /** Its bytes are forced, still under the hidden name. */
    FORCED,
    /** It has its name. */
    NAMED
  }

  /**
   * A file or folder in a folder.
   *
   * @param name its name there
   * @param isFolder whether it is a folder
   * @param bytes size of a file
   * @param modified when it was last changed, by the file system's clock
   */
  record Entry(String name, boolean isFolder, long bytes, Instant modified) {}

  /**
   * The file system that a place is on.
   *
   * @throws BadInput where there is none, or none that values can be published on safely
   */
  static Disk of(Location location) {
    return Disks.of(location);
  }

  /**
   * Publishes a value where the name has none, making parent folders if need be.
   *
   * @param stages told how far it came
   * @return whether this call did; false where another value is there, which stays
   */
  boolean publish(Location file, byte[] value, Consumer<Stage> stages) throws IOException;

  /** As {@link #publish(Location, byte[], Consumer)}, telling nobody how far it came. */
  default boolean publish(Location file, byte[] value) throws IOException {
    return publish(file, value, stage -> {});
  }

  /**
   * Puts a value in the place of another one or of none, atomically: of one that is known to be
   * damaged, or that has one writer.
   */
  void replace(Location file, byte[] value) throws IOException;

  /** The value of a name, whole; empty where there is none. */
  Optional<byte[]> read(Location file) throws IOException;

  /** Whether there is a file or a folder of this name. */
  boolean exists(Location place) throws IOException;

  /** What lies in a folder, unfinished files too, by name; nothing where there is no folder. */
  List<Entry> list(Location folder) throws IOException;

  /** Makes a folder and its parents where they are missing, durably. */
  void createFolders(Location folder) throws IOException;

  /**
   * Removes a file or an empty folder, durably.
   *
   * @return whether it was there
   */
  boolean delete(Location place) throws IOException;

  /**
   * Begins a log; its name is durable when this returns.
   *
   * @throws java.nio.file.FileAlreadyExistsException where the name is taken
   */
  Appender beginLog(Location log) throws IOException;

  /** Names of the logs in a folder, in order; none where there is no folder. */
  List<String> logs(Location folder) throws IOException;

  /** A log's bytes, also while somebody appends; empty where there is none. */
  Optional<byte[]> readLog(Location log) throws IOException;

  /**
   * Ends a log whose writer lost the folder's lock, so that all that was acknowledged to that
   * writer can be read and nothing will be acknowledged to it any more.
   */
  void sealLog(Location log) throws IOException;

  /** Removes a log, durably; nothing where there is none. */
  void deleteLog(Location log) throws IOException;

  /**
   * Takes the lock of a folder that exists.
   *
   * @param what names the folder in sentences, for instance {@code results folder}
   * @throws BadInput where another process holds it; it says which
   */
  FolderLock lock(String what, Location folder) throws IOException;

  /**
   * Why nobody could write to a folder, found without making anything; empty where one could.
   *
   * @param what names the folder in the sentence
   */
  Optional<String> problem(String what, Location folder);

  /** A file that one writer appends to. */
  interface Appender extends AutoCloseable {
    void append(java.nio.ByteBuffer bytes) throws IOException;

    /** Returns when everything appended survives a power cut. */
    void force() throws IOException;

    /** Ends the log; does not force it. */
    @Override
    void close() throws IOException;
  }
}
