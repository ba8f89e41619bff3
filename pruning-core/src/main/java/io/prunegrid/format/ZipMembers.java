package io.prunegrid.format;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The members of a zip file, read in place: nothing is ever unpacked to disk, no member is larger
 * than the file can back, and every member's checksum is verified before it is used.
 */
final class ZipMembers implements Closeable {
  /** Compressed members may grow to this many bytes, or to a hundred times their file. */
  private static final long SMALL = 1 << 26;

  private static final long LARGEST_RATIO = 100;

  private final ZipFile zip;
  private final long fileLength;
  private final Map<String, ZipEntry> entries = new LinkedHashMap<>();
  private final Set<String> verified = new HashSet<>();

  private ZipMembers(ZipFile zip, long fileLength) {
    this.zip = zip;
    this.fileLength = fileLength;
  }

  static ZipMembers open(Path file, long fileLength) throws IOException {
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (IOException | RuntimeException e) {
      throw new Malformed("is a damaged or truncated zip file: " + e.getMessage());
    }
    ZipMembers members = new ZipMembers(zip, fileLength);
    try {
      members.list();
      return members;
    } catch (IOException e) {
      zip.close();
      throw e;
    } catch (RuntimeException e) {
      zip.close();
      throw new Malformed("is a damaged zip file: " + e.getMessage());
    }
  }

  /** Members of an honest file lie side by side and are no bombs. */
  private void list() throws IOException {
    long packed = 0;
    long unpacked = 0;
    for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(ZipEntry.class::cast)::iterator) {
      if (entries.put(entry.getName(), entry) != null) {
        throw new Malformed("has two members named " + Malformed.quote(entry.getName()));
      }
      packed += entry.getCompressedSize();
      unpacked += entry.getSize();
      if (entry.getSize() < 0 || packed < 0 || packed > fileLength) {
        throw new Malformed("has members that overlap or reach beyond its end");
      }
      if (unpacked < 0 || (unpacked > SMALL && unpacked / LARGEST_RATIO > fileLength)) {
        throw new Malformed(
            "would unpack to more than " + LARGEST_RATIO + " times its " + fileLength + " bytes");
      }
    }
  }

  Set<String> names() {
    return entries.keySet();
  }

  boolean contains(String name) {
    return entries.containsKey(name);
  }

  /** A member whose bytes lie in the file as they are. */
  Bytes stored(String name) throws IOException {
    ZipEntry entry = entry(name);
    if (entry.getMethod() != ZipEntry.STORED || entry.getSize() != entry.getCompressedSize()) {
      throw new Malformed(
          "has the compressed member " + Malformed.quote(name) + "; torch stores members as is");
    }
    return member(entry);
  }

  /** A member that may be compressed, within bounds. */
  Bytes stream(String name) throws IOException {
    return member(entry(name));
  }

  private ZipEntry entry(String name) throws IOException {
    ZipEntry entry = entries.get(name);
    if (entry == null) {
      throw new Malformed("has no member " + Malformed.quote(name));
    }
    return entry;
  }

  private Bytes member(ZipEntry entry) throws IOException {
    if (!verified.contains(entry.getName())) {
      verify(entry);
      verified.add(entry.getName());
    }
    return new Bytes() {
      @Override
      public long length() {
        return entry.getSize();
      }

      @Override
      public InputStream open(long from) throws IOException {
        InputStream in = ZipMembers.this.open(entry);
        in.skipNBytes(from);
        return in;
      }

      @Override
      public String name() {
        return Malformed.quote(entry.getName());
      }
    };
  }

  private InputStream open(ZipEntry entry) throws IOException {
    try {
      return new BufferedInputStream(zip.getInputStream(entry), 1 << 16);
    } catch (IOException | RuntimeException e) {
      throw damaged(entry, e.getMessage());
    }
  }

  private void verify(ZipEntry entry) throws IOException {
    CRC32 sum = new CRC32();
    long length = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = open(entry)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        sum.update(buffer, 0, n);
        length += n;
        if (length > entry.getSize()) {
          throw damaged(entry, "it is longer than the " + entry.getSize() + " bytes announced");
        }
      }
    } catch (IOException | RuntimeException e) {
      throw e instanceof Malformed malformed ? malformed : damaged(entry, e.getMessage());
    }
    if (length != entry.getSize()) {
      throw damaged(entry, "it has " + length + " bytes instead of " + entry.getSize());
    }
    if (sum.getValue() != entry.getCrc()) {
      throw damaged(entry, "its checksum differs");
    }
  }

  private static Malformed damaged(ZipEntry entry, String why) {
    return new Malformed("has the damaged member " + Malformed.quote(entry.getName()) + ": " + why);
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
