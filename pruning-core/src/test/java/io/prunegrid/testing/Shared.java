package io.prunegrid.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/**
 * Data too large for the repository: real weights, images, and reference results that other
 * programs computed. Found in the folder that the environment names in {@code PRUNEGRID_SHARED}, by
 * default {@code ../shared} beside the repository.
 */
public final class Shared {
  private Shared() {}

  /** A file or folder of the shared data; skips the test with a message where it is absent. */
  public static Path require(String relative) {
    Path path = root().resolve(relative);
    if (!Files.exists(path)) {
      Assumptions.abort("no shared data at " + path.normalize());
    }
    return path;
  }

  private static Path root() {
    String named = System.getenv("PRUNEGRID_SHARED");
    return named == null || named.isBlank() ? repository().resolve("../shared") : Path.of(named);
  }

  /** The folder of the whole checkout, whatever folder the tests run in. */
  public static Path repository() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.exists(folder.resolve(".git"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new IllegalStateException("the tests run outside of a checkout");
    }
    return folder;
  }
}
