package io.prunegrid.job.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link PublishIfAbsent} promises. */
abstract class PublishIfAbsentContract {
  /** Another writer's view of the same, at first empty folder. */
  abstract PublishIfAbsent folder();

  @Test
  void whatIsPublishedIsReadWhole() throws Exception {
    byte[] large = new byte[3_000_001];
    java.util.Arrays.fill(large, (byte) 7);
    assertThat(folder().publish("a/large", large)).isTrue();
    assertThat(folder().publish("a/empty", new byte[0])).isTrue();
    assertThat(folder().read("a/large")).hasValue(large);
    assertThat(folder().read("a/empty")).hasValue(new byte[0]);
    assertThat(folder().read("a/none")).isEmpty();
    assertThat(folder().names("a")).containsExactly("a/empty", "a/large");
    assertThat(folder().names("b")).isEmpty();
  }

  @Test
  void theFirstValueStays() throws Exception {
    assertThat(folder().publish("name", bytes("first"))).isTrue();
    assertThat(folder().publish("name", bytes("second"))).isFalse();
    assertThat(folder().read("name")).hasValue(bytes("first"));
  }

  @Test
  void repairReplacesWhole() throws Exception {
    folder().publish("name", bytes("damaged"));
    folder().repair("name", bytes("whole"));
    assertThat(folder().read("name")).hasValue(bytes("whole"));
    folder().repair("other", bytes("new"));
    assertThat(folder().read("other")).hasValue(bytes("new"));
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
              String name = "names/" + n;
              if (folder().publish(name, value)) {
                wins.incrementAndGet();
                assertThat(folder().read(name)).hasValue(value);
              } else {
                assertThat(folder().read(name).orElseThrow()).hasSize(value.length);
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
    assertThat(folder().names("names")).hasSize(names);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
