package io.prunegrid.job.store.disk;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class LocalDiskTest extends PublishIfAbsentContract {
  @TempDir Path folder;

  @Override
  Disk disk() {
    return Disk.of(root());
  }

  @Override
  Location root() {
    return Location.of(folder.resolve("root"));
  }
}
