package io.prunegrid.job.store.disk;

import io.prunegrid.common.SplitMix64;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A real file system that fails now and then, as real ones do, by a seed. */
public final class FaultyDisk extends StagedDisk {
  /** What goes wrong. */
  public enum Fault {
    /** The rename says no, without an error, although the name is free. */
    RENAME_REFUSED,
    /** The rename ends with an error and was not done. */
    RENAME_THROWN,
    /** The rename ends with an error and was done. */
    RENAME_DONE_BUT_REPORTED_FAILED,
    /** Half of the bytes are written, then the disk is full. */
    DISK_FULL
  }

  private final StagedDisk real;
  private final SplitMix64 random;
  private final int oneIn;
  private final Map<Fault, Integer> injected = new EnumMap<>(Fault.class);

  private FaultyDisk(StagedDisk real, SplitMix64 random, int oneIn) {
    this.real = real;
    this.random = random;
    this.oneIn = oneIn;
  }

  /**
   * The file system of a place; each kind of fault strikes once in so many chances.
   *
   * @param oneIn at least 2
   */
  public static FaultyDisk around(Location place, SplitMix64 random, int oneIn) {
    return new FaultyDisk((StagedDisk) Disk.of(place), random, oneIn);
  }

  /** How often each fault was injected. */
  public Map<Fault, Integer> injected() {
    return Map.copyOf(injected);
  }

  private boolean strikes(Fault fault) {
    boolean now = random.nextInt(oneIn) == 0;
    if (now) {
      injected.merge(fault, 1, Integer::sum);
    }
    return now;
  }

  @Override
  Appender create(Location file) throws IOException {
    Appender out = real.create(file);
    return new Appender() {
      @Override
      public void append(ByteBuffer bytes) throws IOException {
        if (strikes(Fault.DISK_FULL)) {
          out.append(bytes.slice(bytes.position(), bytes.remaining() / 2));
          throw new IOException("No space left on device (injected)");
        }
        out.append(bytes);
      }

      @Override
      public void force() throws IOException {
        out.force();
      }

      @Override
      public void close() throws IOException {
        out.close();
      }
    };
  }

  @Override
  boolean nameIfAbsent(Location unfinished, Location file) throws IOException {
    if (strikes(Fault.RENAME_REFUSED)) {
      return false;
    }
    if (strikes(Fault.RENAME_THROWN)) {
      throw new IOException("rename failed (injected)");
    }
    boolean named = real.nameIfAbsent(unfinished, file);
    if (named && strikes(Fault.RENAME_DONE_BUT_REPORTED_FAILED)) {
      throw new IOException("the answer to a rename was lost (injected)");
    }
    return named;
  }

  @Override
  void nameInPlace(Location unfinished, Location file) throws IOException {
    real.nameInPlace(unfinished, file);
  }

  @Override
  void force(Location folder) throws IOException {
    real.force(folder);
  }

  @Override
  public Optional<byte[]> read(Location file) throws IOException {
    return real.read(file);
  }

  @Override
  public boolean exists(Location place) throws IOException {
    return real.exists(place);
  }

  @Override
  public List<Entry> list(Location folder) throws IOException {
    return real.list(folder);
  }

  @Override
  public void createFolders(Location folder) throws IOException {
    real.createFolders(folder);
  }

  @Override
  public boolean delete(Location place) throws IOException {
    return real.delete(place);
  }

  @Override
  public void sealLog(Location log) throws IOException {
    real.sealLog(log);
  }

  @Override
  public FolderLock lock(String what, Location folder) throws IOException {
    return real.lock(what, folder);
  }

  @Override
  public Optional<String> problem(String what, Location folder) {
    return real.problem(what, folder);
  }
}
