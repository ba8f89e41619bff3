package io.prunegrid.format;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.prunegrid.testing.Choices;
import io.prunegrid.testing.HostileReader;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Torch checkpoints of the legacy form, changed instruction by instruction and storage by storage.
 */
@Timeout(3600)
class LegacyCheckpointFuzzTest {
  private static final HostileReader READER = new HostileReader("legacy checkpoint", 64);

  @TempDir static Path folder;

  @Test
  void fixedMutationsGiveWeightsOrARefusal() {
    READER.readFixed(this::read, getClass());
  }

  static Stream<byte[]> seeds() {
    return HostileReader.seeds(LegacyCheckpointFuzzTest.class, 100);
  }

  @MethodSource("seeds")
  @FuzzTest
  void mutationsGiveWeightsOrARefusal(byte[] decisions) {
    read(decisions);
  }

  @AfterAll
  static void figures() {
    READER.report();
  }

  private void read(byte[] decisions) {
    byte[] bytes = new MutatedCheckpoint(new Choices(decisions)).legacy();
    Path file = Damaged.write(folder, bytes);
    READER.read(bytes.length, () -> Checkpoints.read(file));
  }
}
