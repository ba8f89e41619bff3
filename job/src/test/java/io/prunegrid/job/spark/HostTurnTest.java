package io.prunegrid.job.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostTurnTest {
  @TempDir private Path folder;

  @Test
  void oneAtATimeMeasuresInAProcess() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Callable<Integer> turn =
          () ->
              HostTurn.alone(
                  folder.resolve("lock"),
                  () -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    LockSupport.parkNanos(100_000);
                    return now.decrementAndGet();
                  });
      for (Future<Integer> done :
          threads.invokeAll(IntStream.range(0, 40).mapToObj(i -> turn).toList())) {
        assertThat(done.get()).isZero();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(most).hasValue(1);
  }

  @Test
  void theFileIsLockedMeanwhileAndFreeAfterwards() throws Exception {
    Path file = folder.resolve("lock");
    HostTurn.alone(
        file,
        () -> {
          // a process may lock a file once, so a second attempt of this one tells
          assertThatThrownBy(() -> lock(file))
              .isInstanceOf(java.nio.channels.OverlappingFileLockException.class);
          return null;
        });

    assertThat(lock(file)).isTrue();
  }

  private static boolean lock(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null && lock.isValid();
    }
  }

  @Test
  void whoWaitsCanBeInterrupted() throws Exception {
    Path file = folder.resolve("lock");
    CountDownLatch taken = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<Boolean> holder =
          threads.submit(
              () ->
                  HostTurn.alone(
                      file,
                      () -> {
                        taken.countDown();
                        return await(release);
                      }));
      assertThat(taken.await(10, TimeUnit.SECONDS)).isTrue();
      AtomicInteger worked = new AtomicInteger();
      Thread waiting =
          new Thread(
              () -> {
                try {
                  HostTurn.alone(file, worked::incrementAndGet);
                } catch (InterruptedException e) {
                  worked.set(-1);
                } catch (IOException e) {
                  worked.set(-2);
                }
              });
      waiting.start();
      waiting.interrupt();
      waiting.join(10_000);
      release.countDown();

      assertThat(holder.get()).isTrue();
      assertThat(worked).hasValue(-1);
    } finally {
      threads.shutdownNow();
    }
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }
}
