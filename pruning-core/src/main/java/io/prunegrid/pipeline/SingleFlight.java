package io.prunegrid.pipeline;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * Computes the value of a key once, however many threads ask for it, and remembers the most
 * recently used ones.
 */
final class SingleFlight<T> {
  private final Map<String, CompletableFuture<Shared<T>>> known;

  /**
   * Remembers nothing yet.
   *
   * @param capacity how many values are remembered, at least 1
   */
  SingleFlight(int capacity) {
    known =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(
              Map.Entry<String, CompletableFuture<Shared<T>>> eldest) {
            return size() > capacity;
          }
        };
  }

  /**
   * The value of the key; whoever asks first computes it, the others wait. A failure is everybody's
   * and is not remembered.
   */
  Shared<T> of(String key, Supplier<Shared<T>> compute) {
    CompletableFuture<Shared<T>> mine = new CompletableFuture<>();
    CompletableFuture<Shared<T>> first;
    synchronized (known) {
      first = known.putIfAbsent(key, mine);
    }
    if (first != null) {
      return await(first).again();
    }
    try {
      Shared<T> value = compute.get();
      mine.complete(value);
      return value;
    } catch (RuntimeException | Error e) {
      synchronized (known) {
        known.remove(key, mine);
      }
      mine.completeExceptionally(e);
      throw e;
    }
  }

  private static <V> V await(CompletableFuture<V> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException("interrupted while waiting for another cell's work", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new CompletionException(e.getCause());
    }
  }
}
