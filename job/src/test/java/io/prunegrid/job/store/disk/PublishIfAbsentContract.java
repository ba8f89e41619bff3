package io.prunegrid.job.store.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link Disk} promises. */
@Timeout(120)
abstract class PublishIfAbsentContract {
  abstract Disk disk();

  /** A folder for one test, empty at first. */
  abstract Location root();

  @Test
  void whatIsPublishedIsReadWhole() throws Exception {
    byte[] large = new byte[3_000_001];
    java.util.Arrays.fill(large, (byte) 7);
    Location a = root().resolve("a");
    assertThat(disk().publish(a.resolve("large"), large)).isTrue();
    assertThat(disk().publish(a.resolve("empty"), new byte[0])).isTrue();
    assertThat(disk().read(a.resolve("large"))).hasValue(large);
    assertThat(disk().read(a.resolve("empty"))).hasValue(new byte[0]);
    assertThat(disk().read(a.resolve("none"))).isEmpty();
    assertThat(names(a)).containsExactly("empty", "large");
    assertThat(disk().list(a).get(1).bytes()).isEqualTo(large.length);
    assertThat(names(root().resolve("b"))).isEmpty();
    assertThat(disk().exists(a)).isTrue();
    assertThat(disk().exists(a.resolve("none"))).isFalse();
  }

  @Test
  void theFirstValueStays() throws Exception {
    Location name = root().resolve("name");
    assertThat(disk().publish(name, bytes("first"))).isTrue();
    assertThat(disk().publish(name, bytes("second"))).isFalse();
    assertThat(disk().read(name)).hasValue(bytes("first"));
    assertThat(names(root())).containsExactly("name");
  }

  @Test
  void replacingReplacesWhole() throws Exception {
    disk().publish(root().resolve("name"), bytes("damaged"));
    disk().replace(root().resolve("name"), bytes("whole"));
    assertThat(disk().read(root().resolve("name"))).hasValue(bytes("whole"));
    disk().replace(root().resolve("other"), bytes("new"));
    assertThat(disk().read(root().resolve("other"))).hasValue(bytes("new"));
    assertThat(names(root())).containsExactly("name", "other");
  }

  @Test
  void whatIsDeletedIsGone() throws Exception {
    disk().publish(root().resolve("x/name"), bytes("value"));
    assertThat(disk().delete(root().resolve("x/name"))).isTrue();
    assertThat(disk().delete(root().resolve("x/name"))).isFalse();
    assertThat(disk().read(root().resolve("x/name"))).isEmpty();
    assertThat(disk().publish(root().resolve("x/name"), bytes("again"))).isTrue();
  }

  @Test
  void ofManyWritersExactlyOneIsToldThatItPublishedAndReadersSeeItWhole() throws Exception {
    int names = 40;
    AtomicInteger wins = new AtomicInteger();
    ExecutorService writers = Executors.newFixedThreadPool(8);
    List<Callable<Void>> work = new ArrayList<>();
    for (int w = 0; w < 8; w++) {
      byte[] value = bytes(("value of writer " + w + " ").repeat(2000));
      work.add(
          () -> {
            for (int n = 0; n < names; n++) {
              Location name = root().resolve("names/" + n);
              if (disk().publish(name, value)) {
                wins.incrementAndGet();
                assertThat(disk().read(name)).hasValue(value);
              } else {
                assertThat(disk().read(name).orElseThrow()).hasSize(value.length);
              }
            }
            return null;
          });
    }
    for (Future<Void> done : writers.invokeAll(work)) {
      done.get();
    }
    writers.shutdown();
    assertThat(wins).hasValue(names);
    assertThat(names(root().resolve("names"))).hasSize(names);
  }

  @Test
  void whatWasForcedInALogIsReadWhileItsWriterGoesOn() throws Exception {
    Location journal = root().resolve("journal");
    Location log = journal.resolve("000001.journal");
    try (Disk.Appender appender = disk().beginLog(log)) {
      assertThatThrownBy(() -> disk().beginLog(log)).isInstanceOf(FileAlreadyExistsException.class);
      assertThat(disk().logs(journal)).containsExactly("000001.journal");
      appender.append(ByteBuffer.wrap(bytes("one ")));
      appender.force();
      assertThat(disk().readLog(log)).hasValue(bytes("one "));
      appender.append(ByteBuffer.wrap(bytes("two ")));
      appender.append(ByteBuffer.wrap(bytes("three")));
      appender.force();
      assertThat(disk().readLog(log)).hasValue(bytes("one two three"));
    }
    disk().sealLog(log);
    assertThat(disk().readLog(log)).hasValue(bytes("one two three"));
    disk().deleteLog(log);
    disk().deleteLog(log);
    assertThat(disk().readLog(log)).isEmpty();
    assertThat(disk().logs(journal)).isEmpty();
  }

  @Test
  void aFolderHasOneHolder() throws Exception {
    disk().createFolders(root().resolve("locked"));
    Location folder = root().resolve("locked");
    try (FolderLock lock = disk().lock("results folder", folder)) {
      lock.check();
      assertThatThrownBy(() -> disk().lock("results folder", folder))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid());
      lock.check();
    }
    disk().lock("results folder", folder).close();
  }

  @Test
  void aFolderInAFileCannotBeWritten() throws Exception {
    disk().publish(root().resolve("file"), bytes("text"));
    assertThat(disk().problem("results folder", root().resolve("file/x/y")).orElseThrow())
        .contains("results folder")
        .contains("not a folder");
    assertThat(disk().problem("results folder", root().resolve("a/b"))).isEmpty();
  }

  List<String> names(Location folder) throws Exception {
    return disk().list(folder).stream().map(Disk.Entry::name).toList();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
