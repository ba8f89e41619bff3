package io.prunegrid.job.store.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.job.checks.MiniHdfs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class HdfsDiskTest extends PublishIfAbsentContract {
  @TempDir static Path folder;

  private static MiniHdfs hdfs;

  private Location root;

  @BeforeAll
  static void start() throws Exception {
    hdfs = MiniHdfs.start(folder);
  }

  @AfterAll
  static void stop() {
    hdfs.close();
  }

  @BeforeEach
  void choose(TestInfo test) {
    root = Location.of(hdfs.uri() + "/" + test.getTestMethod().orElseThrow().getName());
  }

  @Override
  Disk disk() {
    return Disk.of(root);
  }

  @Override
  Location root() {
    return root;
  }

  @Test
  void aSealedLogKeepsWhatWasForcedAndTakesNoMore() throws Exception {
    Location log = root().resolve("journal/000001.journal");
    Disk.Appender lost = disk().beginLog(log);
    lost.append(ByteBuffer.wrap(bytes("acknowledged")));
    lost.force();
    disk().sealLog(log);
    assertThat(disk().readLog(log)).hasValue(bytes("acknowledged"));
    assertThatThrownBy(
            () -> {
              lost.append(ByteBuffer.wrap(bytes("too late")));
              lost.force();
            })
        .isInstanceOf(IOException.class);
    assertThat(disk().readLog(log)).hasValue(bytes("acknowledged"));
  }
}
