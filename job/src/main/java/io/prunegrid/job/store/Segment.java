package io.prunegrid.job.store;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Location;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * One file of the journal as it can be read back, however it ended.
 *
 * <p>A segment is a header and frames. The header holds the schema of every table, so that any
 * later version reads it, and a marker drawn for this segment alone. A frame is the marker, the
 * payload's length, a CRC-32C over length and payload, and the payload: rows in Avro's binary form
 * that become visible together or not at all. A crash leaves a torn last frame, which was never
 * acknowledged and is dropped. Damage inside is skipped up to the next whole frame and reported.
 */
final class Segment {
  static final int MARKER_BYTES = 8;
  private static final int FRAME_HEADER = MARKER_BYTES + Integer.BYTES + Integer.BYTES;
  private static final byte[] MAGIC = "PGJRNL01".getBytes(StandardCharsets.US_ASCII);

  private final Map<String, Schema> written;
  private final List<RawRow> rows;
  private final long tornBytes;
  private final long damagedBytes;

  private record RawRow(String table, ByteBuffer avro) {}

  private Segment(
      Map<String, Schema> written, List<RawRow> rows, long tornBytes, long damagedBytes) {
    this.written = written;
    this.rows = rows;
    this.tornBytes = tornBytes;
    this.damagedBytes = damagedBytes;
  }

  /** Bytes at the end that are no whole frame. */
  long tornBytes() {
    return tornBytes;
  }

  /**
   * Bytes that are no frame although whole frames follow, or although none is missing, or that lost
   * their header.
   */
  long damagedBytes() {
    return damagedBytes;
  }

  /** The tables this segment may hold rows of. */
  Iterable<String> tables() {
    return written.keySet();
  }

  /** Hands over this table's rows in the order of their publication. */
  void forEach(Table table, Consumer<GenericRecord> each) {
    Schema schema = written.get(table.name());
    for (RawRow row : rows) {
      if (row.table().equals(table.name())) {
        byte[] avro = new byte[row.avro().remaining()];
        row.avro().duplicate().get(avro);
        each.accept(Row.decode(avro, schema, table.schema()));
      }
    }
  }

  static byte[] header(List<Table> tables, byte[] marker) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(body)) {
      out.write(marker);
      out.writeInt(tables.size());
      for (Table table : tables) {
        out.writeUTF(table.name());
        byte[] schema = table.schema().toString().getBytes(StandardCharsets.UTF_8);
        out.writeInt(schema.length);
        out.write(schema);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] bytes = body.toByteArray();
    return ByteBuffer.allocate(MAGIC.length + 8 + bytes.length)
        .put(MAGIC)
        .putInt(bytes.length)
        .putInt(checksum(bytes.length, ByteBuffer.wrap(bytes)))
        .put(bytes)
        .array();
  }

  /** What a frame holds: these rows, of tables by their position in {@code tables}. */
  static ByteBuffer payload(List<Table> tables, List<Row> rows) {
    int size = 0;
    for (Row row : rows) {
      size += 1 + Integer.BYTES + row.avro().length;
    }
    ByteBuffer payload = ByteBuffer.allocate(size);
    for (Row row : rows) {
      payload.put((byte) position(tables, row.table()));
      payload.putInt(row.avro().length);
      payload.put(row.avro());
    }
    return payload.flip();
  }

  /** The bytes of a frame in a segment of this marker. */
  static ByteBuffer frame(byte[] marker, ByteBuffer payload) {
    return ByteBuffer.allocate(FRAME_HEADER + payload.remaining())
        .put(marker)
        .putInt(payload.remaining())
        .putInt(checksum(payload.remaining(), payload))
        .put(payload.duplicate())
        .flip();
  }

  /**
   * Every whole row of the file; never fails because of how the file ends; empty where it is gone.
   */
  static Optional<Segment> read(Disk disk, Location file) throws IOException {
    Optional<byte[]> bytes = disk.readLog(file);
    return bytes.isEmpty()
        ? Optional.empty()
        : Optional.of(parse(file, ByteBuffer.wrap(bytes.get())));
  }

  static Segment parse(Location file, ByteBuffer bytes) throws IOException {
    int prologue = MAGIC.length + 8;
    byte[] magic = new byte[MAGIC.length];
    if (bytes.remaining() < prologue) {
      return nothing(bytes.remaining(), 0);
    }
    bytes.get(magic);
    int length = bytes.getInt();
    int checksum = bytes.getInt();
    if (startsLikeLaterVersion(magic)) {
      throw new BadInput(
          file + " was written by another version of the program, which has to finish it first");
    }
    if (!Arrays.equals(magic, MAGIC) || length < 0) {
      return nothing(0, bytes.capacity());
    }
    if (length > bytes.remaining()) {
      return nothing(bytes.capacity(), 0);
    }
    if (checksum(length, bytes.slice(prologue, length)) != checksum) {
      return nothing(0, bytes.capacity());
    }
    return frames(bytes, prologue, length);
  }

  private static Segment frames(ByteBuffer bytes, int prologue, int length) throws IOException {
    byte[] marker = new byte[MARKER_BYTES];
    Map<String, Schema> written = new LinkedHashMap<>();
    byte[] header = new byte[length];
    bytes.get(prologue, header);
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(header))) {
      in.readFully(marker);
      for (int left = in.readInt(); left > 0; left--) {
        String name = in.readUTF();
        String schema = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
        written.put(name, new Schema.Parser().parse(schema));
      }
    }
    List<String> tables = List.copyOf(written.keySet());
    List<RawRow> rows = new ArrayList<>();
    long damaged = 0;
    int end = prologue + length;
    while (end < bytes.capacity()) {
      int next = nextFrame(bytes, end, marker);
      if (next < 0) {
        break;
      }
      damaged += next - end;
      int size = bytes.getInt(next + MARKER_BYTES);
      addRows(bytes.slice(next + FRAME_HEADER, size), tables, rows);
      end = next + FRAME_HEADER + size;
    }
    long left = (long) bytes.capacity() - end;
    return isWholeLength(bytes, end, marker)
        ? new Segment(written, rows, 0, damaged + left)
        : new Segment(written, rows, left, damaged);
  }

  /**
   * Whether a frame begins here that has all its bytes: a crash leaves too few, damage does not.
   */
  private static boolean isWholeLength(ByteBuffer bytes, int at, byte[] marker) {
    if (bytes.capacity() - at < FRAME_HEADER
        || !bytes.slice(at, MARKER_BYTES).equals(ByteBuffer.wrap(marker))) {
      return false;
    }
    int size = bytes.getInt(at + MARKER_BYTES);
    return size >= 0 && size <= bytes.capacity() - at - FRAME_HEADER;
  }

  private static void addRows(ByteBuffer payload, List<String> tables, List<RawRow> rows) {
    while (payload.hasRemaining()) {
      String table = tables.get(payload.get());
      int size = payload.getInt();
      rows.add(new RawRow(table, payload.slice(payload.position(), size)));
      payload.position(payload.position() + size);
    }
  }

  /** Where the first whole frame at or after {@code from} begins, -1 where there is none. */
  private static int nextFrame(ByteBuffer bytes, int from, byte[] marker) {
    ByteBuffer wanted = ByteBuffer.wrap(marker);
    for (int at = from; at <= bytes.capacity() - FRAME_HEADER; at++) {
      if (bytes.get(at) != marker[0] || !bytes.slice(at, MARKER_BYTES).equals(wanted)) {
        continue;
      }
      int size = bytes.getInt(at + MARKER_BYTES);
      if (size >= 0
          && size <= bytes.capacity() - at - FRAME_HEADER
          && checksum(size, bytes.slice(at + FRAME_HEADER, size))
              == bytes.getInt(at + MARKER_BYTES + Integer.BYTES)) {
        return at;
      }
    }
    return -1;
  }

  private static boolean startsLikeLaterVersion(byte[] magic) {
    int version = MAGIC.length - 2;
    return Arrays.equals(magic, 0, version, MAGIC, 0, version)
        && !Arrays.equals(magic, MAGIC)
        && Character.isDigit(magic[version])
        && Character.isDigit(magic[version + 1]);
  }

  private static Segment nothing(long torn, long damaged) {
    return new Segment(Map.of(), List.of(), torn, damaged);
  }

  private static int position(List<Table> tables, String name) {
    for (int i = 0; i < tables.size(); i++) {
      if (tables.get(i).name().equals(name)) {
        return i;
      }
    }
    throw new IllegalArgumentException("the results folder has no table " + name);
  }

  private static int checksum(int length, ByteBuffer payload) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Integer.BYTES).putInt(length).flip());
    crc.update(payload.duplicate());
    return (int) crc.getValue();
  }
}
