package io.prunegrid.job.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.common.SplitMix64;
import io.prunegrid.job.store.disk.Location;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentTest {
  private static final int FRAMES = 6;

  @TempDir Path folder;

  private byte[] whole;
  private final List<Integer> frameStarts = new ArrayList<>();

  /** A segment as a driver leaves it that dies without closing. */
  @BeforeEach
  void write() throws Exception {
    try (ResultsFolder results =
        ResultsFolder.open(Location.of(folder.resolve("origin")), Cells.TABLES)) {
      Path segment = folder.resolve("origin/journal/000001.journal");
      for (int i = 0; i < FRAMES; i++) {
        if (i > 0) {
          frameStarts.add((int) Files.size(segment));
        }
        results.publish(List.of(Cells.row(i), PublishingChild.attempt(i))).join();
        if (i == 0) {
          int payload =
              Segment.payload(Cells.TABLES, List.of(Cells.row(0), PublishingChild.attempt(0)))
                  .remaining();
          frameStarts.add((int) Files.size(segment) - payload - Segment.MARKER_BYTES - 8);
        }
      }
      whole = Files.readAllBytes(segment);
    }
    frameStarts.add(whole.length);
  }

  @Test
  void everyTruncationKeepsEveryWholeRowAndNothingElse() throws Exception {
    for (int length = 0; length <= whole.length; length++) {
      Segment segment = read(Arrays.copyOf(whole, length));
      assertThat(numbers(segment)).as("cut at %s", length).isEqualTo(upTo(framesWithin(length)));
      assertThat(segment.damagedBytes()).isZero();
    }
  }

  @Test
  void whatAPowerCutLeavesInTheTailIsNotMistakenForRows() throws Exception {
    SplitMix64 random = new SplitMix64(3);
    for (int length = frameStarts.get(2); length < whole.length; length += 7) {
      byte[] zeros = Arrays.copyOf(whole, whole.length);
      Arrays.fill(zeros, length, zeros.length, (byte) 0);
      // A frame that ends in zeros loses nothing where only they are zeroed.
      int changed = Arrays.mismatch(whole, zeros);
      assertThat(numbers(read(zeros)))
          .isEqualTo(upTo(framesWithin(changed < 0 ? whole.length : changed)));
      byte[] noise = Arrays.copyOf(whole, whole.length);
      for (int i = length; i < noise.length; i++) {
        noise[i] = (byte) (noise[i] ^ (1 + random.nextInt(255)));
      }
      assertThat(numbers(read(noise))).isEqualTo(upTo(framesWithin(length)));
    }
  }

  @Test
  void oneChangedByteCostsOneFrameAndIsReported() throws Exception {
    for (int at = frameStarts.get(0); at < frameStarts.get(FRAMES - 1); at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 0x10;
      int frame = framesWithin(at);
      Segment segment = read(changed);
      assertThat(numbers(segment))
          .as("byte %s", at)
          .isEqualTo(IntStream.range(0, FRAMES).filter(i -> i != frame).boxed().toList());
      assertThat(segment.damagedBytes()).isPositive();
    }
  }

  @Test
  void aChangedByteInTheLastFrameIsNotTakenForACrash() throws Exception {
    int last = frameStarts.get(FRAMES - 1);
    for (int at = last + Segment.MARKER_BYTES + Integer.BYTES; at < whole.length; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 0x10;
      Segment segment = read(changed);
      assertThat(numbers(segment)).isEqualTo(upTo(FRAMES - 1));
      assertThat(segment.damagedBytes()).isEqualTo(whole.length - last);
      assertThat(segment.tornBytes()).isZero();
    }
  }

  @Test
  void aChangedHeaderIsReportedNeverMisread() throws Exception {
    for (int at = 0; at < frameStarts.get(0); at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 0x40;
      Segment segment = read(changed);
      assertThat(numbers(segment)).isEmpty();
      assertThat(segment.damagedBytes() + segment.tornBytes()).isPositive();
    }
  }

  @Test
  void recoveryOfEachTornTailGivesTheSameRowsInParquet() throws Exception {
    List<Integer> lengths = new ArrayList<>(List.of(0, 1, 30));
    frameStarts.forEach(start -> lengths.addAll(List.of(start - 1, start, start + 1)));
    for (int length : lengths) {
      if (length > whole.length) {
        continue;
      }
      Path torn = folder.resolve("torn" + length);
      Files.createDirectories(torn.resolve("journal"));
      Files.write(torn.resolve("journal/000004.journal"), Arrays.copyOf(whole, length));
      int expected = framesWithin(length);
      try (ResultsFolder results = ResultsFolder.open(Location.of(torn), Cells.TABLES)) {
        assertThat(results.recovery().rows()).isEqualTo(2L * expected);
        for (int i = 0; i < FRAMES; i++) {
          assertThat(results.publishAndWait(Cells.row(i)))
              .isEqualTo(i < expected ? Publication.ALREADY_THERE : Publication.PUBLISHED);
        }
      }
      assertThat(ResultsReader.open(Location.of(torn), Cells.TABLES).rows(Cells.TABLE))
          .isEqualTo(IntStream.range(0, FRAMES).mapToObj(Cells::values).toList());
    }
  }

  @Test
  void aSegmentDamagedInItsMiddleIsKeptForInspection() throws Exception {
    byte[] changed = whole.clone();
    changed[frameStarts.get(2) + 40] ^= 1;
    Path hurt = folder.resolve("hurt");
    Files.createDirectories(hurt.resolve("journal"));
    Files.write(hurt.resolve("journal/000001.journal"), changed);
    try (ResultsFolder results = ResultsFolder.open(Location.of(hurt), Cells.TABLES)) {
      assertThat(results.recovery().damaged()).hasSize(1);
      assertThat(results.recovery().damaged().get(0).path()).hasBinaryContent(changed);
      assertThat(results.finishedKeys(Cells.TABLE)).hasSize(FRAMES - 1);
    }
  }

  private static Segment read(byte[] bytes) throws Exception {
    return Segment.parse(new Location("segment"), ByteBuffer.wrap(bytes));
  }

  private int framesWithin(int length) {
    int frames = 0;
    while (frames < FRAMES && frameStarts.get(frames + 1) <= length) {
      frames++;
    }
    return frames;
  }

  private static List<Integer> numbers(Segment segment) {
    List<Integer> numbers = new ArrayList<>();
    segment.forEach(Cells.TABLE, row -> numbers.add((Integer) row.get("number")));
    return numbers;
  }

  private static List<Integer> upTo(int end) {
    return IntStream.range(0, end).boxed().toList();
  }
}
