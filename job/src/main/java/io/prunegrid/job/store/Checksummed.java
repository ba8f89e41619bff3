package io.prunegrid.job.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A checksum of a whole file inside the file: a name in its metadata is followed by eight places,
 * which hold the CRC-32C of the file with zeros in them. So any byte that changes is found, and no
 * second file has to be kept in step.
 */
final class Checksummed {
  /** The metadata's name; what stands behind it is found by it. */
  static final String NAME = "prunegrid.crc32c";

  /** What the metadata holds before {@link #seal}. */
  static final String OPEN = "prunegrid-crc32c=00000000";

  private static final byte[] MARK = "prunegrid-crc32c=".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGITS = 8;

  private Checksummed() {}

  /** Writes the checksum into its places; changes the bytes. */
  static void seal(byte[] file) {
    int at = places(file).orElseThrow(() -> new IllegalStateException("no place for a checksum"));
    System.arraycopy(checksum(file, at), 0, file, at, DIGITS);
  }

  /** What is wrong with these bytes; empty where the checksum is theirs. */
  static Optional<String> damage(byte[] file) {
    Optional<Integer> at = places(file);
    if (at.isEmpty()) {
      return Optional.of("it has no checksum");
    }
    byte[] found = Arrays.copyOfRange(file, at.get(), at.get() + DIGITS);
    byte[] right = checksum(file, at.get());
    return Arrays.equals(found, right)
        ? Optional.empty()
        : Optional.of("its " + file.length + " bytes do not have the checksum that it names");
  }

  /** Where the digits begin: behind the last mark, for metadata stands at the end. */
  private static Optional<Integer> places(byte[] file) {
    for (int at = file.length - MARK.length - DIGITS; at >= 0; at--) {
      if (file[at] == MARK[0] && Arrays.equals(file, at, at + MARK.length, MARK, 0, MARK.length)) {
        return Optional.of(at + MARK.length);
      }
    }
    return Optional.empty();
  }

  private static byte[] checksum(byte[] file, int at) {
    CRC32C crc = new CRC32C();
    crc.update(file, 0, at);
    crc.update(new byte[] {'0', '0', '0', '0', '0', '0', '0', '0'});
    crc.update(file, at + DIGITS, file.length - at - DIGITS);
    return String.format(Locale.ROOT, "%08x", crc.getValue()).getBytes(StandardCharsets.US_ASCII);
  }
}
