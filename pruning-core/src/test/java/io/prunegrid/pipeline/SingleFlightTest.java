package io.prunegrid.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SingleFlightTest {
  @Test
  void manyThreadsThatAskAtOnceComputeOnce() throws Exception {
    SingleFlight<String> flight = new SingleFlight<>(4);
    AtomicInteger computed = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<Shared<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        answers.add(
            threads.submit(
                () ->
                    flight.of(
                        "key",
                        () -> {
                          computed.incrementAndGet();
                          Thread.onSpinWait();
                          return new Shared<>("value", "hash", 1, false);
                        })));
      }
      int first = 0;
      for (Future<Shared<String>> answer : answers) {
        assertThat(answer.get().value()).isEqualTo("value");
        first += answer.get().reused() ? 0 : 1;
      }
      assertThat(first).isEqualTo(1);
      assertThat(computed).hasValue(1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aFailureIsToldAndTriedAgain() {
    SingleFlight<String> flight = new SingleFlight<>(4);

    assertThatThrownBy(
            () ->
                flight.of(
                    "key",
                    () -> {
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");
    assertThat(flight.of("key", () -> new Shared<>("yes", "hash", 1, false)).value())
        .isEqualTo("yes");
  }

  @Test
  void theLeastRecentlyUsedIsForgotten() {
    SingleFlight<String> flight = new SingleFlight<>(2);
    for (String key : List.of("a", "b", "a", "c")) {
      flight.of(key, () -> new Shared<>(key, "hash", 1, false));
    }

    assertThat(flight.of("a", () -> new Shared<>("a", "hash", 1, false)).reused()).isTrue();
    assertThat(flight.of("b", () -> new Shared<>("b", "hash", 1, false)).reused()).isFalse();
  }
}
