package io.prunegrid.job.store.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Against a store in memory that behaves as S3's connector is documented to; not against S3. */
class ObjectDiskTest extends PublishIfAbsentContract {
  private final Disk disk = new ObjectDisk(new ObjectsInMemory());

  @Override
  Disk disk() {
    return disk;
  }

  @Override
  Location root() {
    return Location.of("s3a://bucket/root");
  }

  @Test
  void whatALostWriterForcesBehindItsSuccessorIsNotAcknowledged() throws Exception {
    disk.createFolders(root());
    FolderLock lost = disk.lock("results folder", root());
    Disk.Appender log = disk.beginLog(root().resolve("journal/000001.journal"));
    log.append(ByteBuffer.wrap(bytes("acknowledged")));
    log.force();
    lost.check();
    byte[] silent = bytes("a process\nelsewhere\n1 0\ntoken\nbeat 1\n");
    assertThat(disk.publish(root().resolve("lease/000000002"), silent)).isTrue();
    log.append(ByteBuffer.wrap(bytes(" too late")));
    log.force();
    assertThat(lost.isCheckedAtEveryForce()).isTrue();
    assertThatThrownBy(lost::check)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was taken over by another run (a process)");
  }

  @Test
  void whatFollowsAGapInALogIsNoPartOfIt() throws Exception {
    Location log = root().resolve("journal/000001.journal");
    try (Disk.Appender appender = disk.beginLog(log)) {
      for (String group : new String[] {"one", "two", "three"}) {
        appender.append(ByteBuffer.wrap(bytes(group)));
        appender.force();
      }
    }
    assertThat(disk.readLog(log)).hasValue(bytes("onetwothree"));
    disk.delete(root().resolve("journal/000001.journal.000000002"));
    assertThat(disk.readLog(log)).hasValue(bytes("one"));
    disk.deleteLog(log);
    assertThat(disk.list(root().resolve("journal"))).isEmpty();
  }
}
