package io.prunegrid.job.store;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A folder of small and large immutable values by name, shared by any number of writers on any
 * number of hosts. Names are relative paths such as {@code pointers/ab/abcd}.
 *
 * <p>The contract, whatever the file system: of all who publish a name exactly one is told that it
 * did; a reader finds nothing or a whole value; what was published, by anyone, survives a power cut
 * once any publisher has been told; a writer that dies anywhere leaves nothing under the name, or
 * the whole value. Each file system keeps it by what it truly guarantees: local disks by a hard
 * link to a forced file.
 */
public interface PublishIfAbsent {
  /**
   * Publishes a value where the name has none.
   *
   * @return whether this call did; false where another value is there, which stays
   */
  boolean publish(String name, byte[] value) throws IOException;

  /** The value of a name, whole. */
  Optional<byte[]> read(String name) throws IOException;

  /**
   * Puts a value in the place of one that is known to be damaged, atomically. Not for values that
   * are whole: whoever read the old one keeps it.
   */
  void repair(String name, byte[] value) throws IOException;

  /** The names under a folder, in order, without unfinished ones. */
  List<String> names(String folder) throws IOException;
}
