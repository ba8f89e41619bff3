package io.prunegrid.job.store.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LeaseTest {
  private static final Duration LEASE = Duration.ofMillis(800);

  @TempDir Path temporary;

  private final Disk disk = LocalDisk.INSTANCE;
  private Location folder;

  @BeforeEach
  void choose() {
    folder = Location.of(temporary.resolve("leases"));
  }

  private Lease.Onlooker onlooker() {
    return new Lease.Onlooker(disk, folder, "base.", LEASE);
  }

  private void heldBy(int number, String machine, long process, int beat) throws IOException {
    String text = "process on a machine\n" + machine + "\n" + process + " 0\ntoken\nbeat " + beat;
    disk.replace(
        folder.resolve(String.format("base.%09d", number)), text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aHolderThatLivesKeepsItHoweverLong() throws Exception {
    Lease lease = onlooker().tryToTake().orElseThrow();
    Lease.Onlooker other = onlooker();
    long end = System.nanoTime() + 3 * LEASE.toNanos();
    while (System.nanoTime() < end) {
      assertThat(other.tryToTake()).isEmpty();
      Thread.sleep(20);
    }
    assertThat(other.isHeldByTheLiving()).isTrue();
    assertThat(other.holder()).contains("process " + ProcessHandle.current().pid());
    assertThat(lease.isLost()).isFalse();
    lease.remove();
    assertThat(other.tryToTake()).isPresent();
  }

  @Test
  void aHolderThatIsSilentIsSucceededWhenItsTimeIsOverByTheOnlookersWatch() throws Exception {
    heldBy(4, "another machine", 1, 7);
    Lease.Onlooker other = onlooker();
    long from = System.nanoTime();
    Optional<Lease> taken = other.tryToTake();
    heldBy(4, "another machine", 1, 8);
    while (taken.isEmpty()) {
      Thread.sleep(10);
      taken = other.tryToTake();
    }
    assertThat(System.nanoTime() - from).isGreaterThanOrEqualTo(LEASE.toNanos());
    assertThat(disk.list(folder)).extracting(Disk.Entry::name).containsExactly("base.000000005");
  }

  @Test
  void aHolderThatIsKnownToBeDeadIsSucceededAtOnce() throws Exception {
    Process dead = new ProcessBuilder("true").start();
    assertThat(dead.waitFor(10, TimeUnit.SECONDS)).isTrue();
    heldBy(2, Holder.me().machine(), dead.pid(), 1);
    assertThat(onlooker().tryToTake()).isPresent();
  }

  @Test
  void aHolderThatWasOnlySlowFindsItsSuccessorAndTakesNothingBack() throws Exception {
    Lease slow = onlooker().tryToTake().orElseThrow();
    heldBy(2, "another machine", 1, 1);
    assertThat(slow.isLost()).isTrue();
    slow.remove();
    assertThat(disk.list(folder)).extracting(Disk.Entry::name).contains("base.000000002");
    assertThat(onlooker().tryToTake()).isEmpty();
  }
}
