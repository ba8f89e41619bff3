package io.prunegrid.data;

import io.prunegrid.common.BadInput;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A file in LeCun's IDX format: a big-endian magic number 0x000008DD (unsigned bytes, DD
 * dimensions), DD sizes of four bytes, then the bytes. Plain or gzip, told apart by content.
 *
 * @param name what to call the file in a message
 * @param length bytes of the file as stored
 */
record IdxFile(String name, long length, Opener opener) {
  /** No deflate stream unpacks to more than this many times its size. */
  private static final long LARGEST_EXPANSION = 1032;

  /** Opens the stored bytes. */
  @FunctionalInterface
  interface Opener {
    InputStream open() throws IOException;
  }

  /**
   * What a file says about itself.
   *
   * @param height of an image; 1 where the records are labels
   * @param width of an image; 1 where the records are labels
   * @param bytesBefore where the first record starts
   */
  record Header(int records, int height, int width, int bytesBefore) {
    long recordBytes() {
      return (long) height * width;
    }

    /** Bytes of a whole file with this header. */
    long end() {
      return bytesBefore() + records() * recordBytes();
    }
  }

  /**
   * Reads the header and holds it against the file's length.
   *
   * @param dimensions 3 for images, 1 for labels
   */
  Header header(int dimensions) {
    return read(dimensions, (in, header) -> header);
  }

  /** The images, one array each; nothing is allocated that the file does not hold. */
  byte[][] images() {
    return read(
        3,
        (in, header) -> {
          List<byte[]> images = new ArrayList<>();
          int size = (int) header.recordBytes();
          for (int record = 0; record < header.records(); record++) {
            images.add(exactly(in, size, header, header.bytesBefore() + (long) record * size));
          }
          expectEnd(in, header);
          return images.toArray(byte[][]::new);
        });
  }

  /** The labels, one byte each. */
  byte[] labels() {
    return read(
        1,
        (in, header) -> {
          byte[] labels = exactly(in, header.records(), header, header.bytesBefore());
          expectEnd(in, header);
          return labels;
        });
  }

  private byte[] exactly(InputStream in, int count, Header header, long at) throws IOException {
    byte[] bytes = bytes(in, count, at);
    if (bytes.length < count) {
      throw new BadInput(
          name
              + " ends at byte "
              + (at + bytes.length)
              + ": its header counts "
              + header.records()
              + " records of "
              + header.recordBytes()
              + " bytes, "
              + header.end()
              + " bytes in all");
    }
    return bytes;
  }

  private void expectEnd(InputStream in, Header header) throws IOException {
    if (bytes(in, 1, header.end()).length > 0) {
      throw new BadInput(
          name
              + " goes on after byte "
              + header.end()
              + ", where the "
              + header.records()
              + " records of its header end");
    }
  }

  private interface Body<T> {
    T read(InputStream in, Header header) throws IOException;
  }

  private <T> T read(int dimensions, Body<T> body) {
    try (PushbackInputStream stored =
        new PushbackInputStream(new BufferedInputStream(opener.open(), 1 << 16), 2)) {
      byte[] start = stored.readNBytes(2);
      stored.unread(start);
      boolean gzip = start.length == 2 && start[0] == 0x1f && (start[1] & 0xff) == 0x8b;
      InputStream in = gzip ? new BufferedInputStream(new GZIPInputStream(stored)) : stored;
      Header header = readHeader(in, dimensions);
      check(header, gzip);
      return body.read(in, header);
    } catch (EOFException | ZipException e) {
      throw new BadInput(name + " is damaged gzip at its start: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new BadInput(name + " cannot be read: " + e, e);
    }
  }

  private Header readHeader(InputStream in, int dimensions) throws IOException {
    byte[] bytes = bytes(in, 4 + 4 * dimensions, 0);
    int magic = 0x800 + dimensions;
    if (bytes.length >= 4 && word(bytes, 0) != magic) {
      throw new BadInput(
          String.format(
              "%s, byte 0: found the magic number 0x%08x, expected 0x%08x (IDX, unsigned bytes, %d"
                  + " dimension%s)",
              name, word(bytes, 0), magic, dimensions, dimensions == 1 ? "" : "s"));
    }
    if (bytes.length < 4 + 4 * dimensions) {
      throw new BadInput(
          name
              + " ends at byte "
              + bytes.length
              + ": expected an IDX header of "
              + (4 + 4 * dimensions)
              + " bytes");
    }
    int[] sizes = new int[dimensions];
    for (int i = 0; i < dimensions; i++) {
      sizes[i] = word(bytes, 4 + 4 * i);
      if (sizes[i] < 1 || (i > 0 && sizes[i] > 1 << 14)) {
        throw new BadInput(
            name
                + ", byte "
                + (4 + 4 * i)
                + ": found "
                + Integer.toUnsignedString(sizes[i])
                + (i == 0
                    ? " records, expected at least 1"
                    : " pixels, expected 1 to " + (1 << 14)));
      }
    }
    return dimensions == 1
        ? new Header(sizes[0], 1, 1, 8)
        : new Header(sizes[0], sizes[1], sizes[2], 16);
  }

  private void check(Header header, boolean gzip) {
    long claimed = header.end();
    if (gzip && claimed / LARGEST_EXPANSION > length) {
      throw new BadInput(
          name
              + ", byte 4: its header counts "
              + header.records()
              + " records, "
              + claimed
              + " bytes in all, more than "
              + length
              + " bytes of gzip can hold");
    }
    if (!gzip && claimed != length) {
      throw new BadInput(
          name
              + ", byte 4: its header counts "
              + header.records()
              + " records of "
              + header.recordBytes()
              + " bytes, "
              + claimed
              + " bytes in all, but the file has "
              + length);
    }
  }

  /** Up to {@code count} bytes, fewer where the file ends. */
  private byte[] bytes(InputStream in, int count, long at) throws IOException {
    byte[] bytes = new byte[Math.min(count, 1 << 16)];
    int filled = 0;
    while (filled < count) {
      if (filled == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(count, 2L * bytes.length));
      }
      int n;
      try {
        n = in.read(bytes, filled, bytes.length - filled);
      } catch (EOFException | ZipException e) {
        throw new BadInput(
            name
                + " is damaged gzip: unpacking stopped after byte "
                + (at + filled)
                + " of its content: "
                + e.getMessage(),
            e);
      }
      if (n < 0) {
        return Arrays.copyOf(bytes, filled);
      }
      filled += n;
    }
    return bytes;
  }

  private static int word(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | (bytes[at + 3] & 0xff);
  }
}
