package io.prunegrid.job.store.disk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;

/**
 * One writer's view of files in memory that several writers share. Every single step of it, as
 * small as a system call, passes a gate, where it may wait, fail before or after it is done, or
 * never happen because its writer died. What was not forced does not survive {@link
 * Files#cutPower}.
 */
public final class MemoryDisk extends StagedDisk {
  /** What all writers see. */
  public static final class Files {
    private Map<String, Node> names = new TreeMap<>();
    private final Map<String, Node> durable = new HashMap<>();
    private final TreeSet<String> folders = new TreeSet<>();
    private Object holder;

    /** Leaves what had been forced: bytes of files, and the names in folders. */
    public synchronized void cutPower() {
      names = new TreeMap<>(durable);
      names.values().forEach(node -> node.bytes = Arrays.copyOf(node.bytes, node.forced));
    }

    /** A file that was there all along. */
    public synchronized void put(Location file, byte[] bytes) {
      Node node = new Node(Instant.EPOCH);
      node.bytes = bytes.clone();
      node.forced = bytes.length;
      names.put(file.text(), node);
      durable.put(file.text(), node);
      addFolders(file.parent());
    }

    private void addFolders(Optional<Location> folder) {
      for (Optional<Location> at = folder; at.isPresent(); at = at.get().parent()) {
        folders.add(at.get().text());
      }
    }
  }

  private static final class Node {
    private final Instant modified;
    private byte[] bytes = new byte[0];
    private int forced;
    private boolean sealed;

    Node(Instant modified) {
      this.modified = modified;
    }
  }

  /** What a step passes. */
  @FunctionalInterface
  public interface Gate {
    /**
     * Called before each step; may wait or throw in its place.
     *
     * @param step its name
     * @param isSeen whether another writer can tell whether it happened
     * @return whether the step is to be done and then to be reported as failed
     */
    boolean pass(String step, boolean isSeen) throws IOException;
  }

  /** How logs are kept from writers that lost the lock. */
  public enum Fencing {
    /** As HDFS: a sealed log takes no more. */
    SEALED_LOGS,
    /** As object stores: whoever forces a log looks after the lock. */
    CHECKED_FORCES
  }

  private final Files files;
  private final Gate gate;
  private final Fencing fencing;

  public MemoryDisk(Files files, Gate gate, Fencing fencing) {
    this.files = files;
    this.gate = gate;
    this.fencing = fencing;
  }

  private <T> T step(String name, boolean isSeen, Callable<T> work) throws IOException {
    boolean reportedFailed = gate.pass(name, isSeen);
    T result;
    synchronized (files) {
      try {
        result = work.call();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    if (reportedFailed) {
      throw new IOException(name + " was done but reported failed");
    }
    return result;
  }

  private static boolean isSeen(Location file) {
    return !file.name().startsWith(UNFINISHED);
  }

  @Override
  Appender create(Location file) throws IOException {
    Node node =
        step(
            "create",
            isSeen(file),
            () -> {
              if (files.names.containsKey(file.text())) {
                throw new FileAlreadyExistsException(file.text());
              }
              Node fresh = new Node(Instant.now());
              files.names.put(file.text(), fresh);
              return fresh;
            });
    return new Appender() {
      @Override
      public void append(ByteBuffer bytes) throws IOException {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        // A write may be torn, so that half of it is a state of its own.
        write(Arrays.copyOf(copy, copy.length / 2));
        write(Arrays.copyOfRange(copy, copy.length / 2, copy.length));
      }

      private void write(byte[] part) throws IOException {
        step(
            "append",
            isSeen(file),
            () -> {
              refuseSealed();
              ByteArrayOutputStream all = new ByteArrayOutputStream();
              all.writeBytes(node.bytes);
              all.writeBytes(part);
              node.bytes = all.toByteArray();
              return null;
            });
      }

      @Override
      public void force() throws IOException {
        step(
            "force file",
            isSeen(file),
            () -> {
              refuseSealed();
              node.forced = node.bytes.length;
              return null;
            });
      }

      private void refuseSealed() throws IOException {
        if (node.sealed) {
          throw new IOException("the log was sealed");
        }
      }

      @Override
      public void close() {}
    };
  }

  @Override
  boolean nameIfAbsent(Location unfinished, Location file) throws IOException {
    return step(
        "name",
        true,
        () -> {
          if (!files.names.containsKey(unfinished.text())) {
            throw new NoSuchFileException(unfinished.text());
          }
          if (files.names.containsKey(file.text())) {
            return false;
          }
          files.names.put(file.text(), files.names.remove(unfinished.text()));
          return true;
        });
  }

  @Override
  void nameInPlace(Location unfinished, Location file) throws IOException {
    step(
        "name in place",
        true,
        () -> {
          if (!files.names.containsKey(unfinished.text())) {
            throw new NoSuchFileException(unfinished.text());
          }
          return files.names.put(file.text(), files.names.remove(unfinished.text()));
        });
  }

  @Override
  void force(Location folder) throws IOException {
    step(
        "force folder",
        false,
        () -> {
          String prefix = folder.text() + "/";
          files.durable.keySet().removeIf(name -> isIn(prefix, name));
          files.names.forEach(
              (name, node) -> {
                if (isIn(prefix, name)) {
                  files.durable.put(name, node);
                }
              });
          return null;
        });
  }

  private static boolean isIn(String prefix, String name) {
    return name.startsWith(prefix) && name.indexOf('/', prefix.length()) < 0;
  }

  @Override
  public Optional<byte[]> read(Location file) throws IOException {
    return step(
        "read",
        true,
        () -> Optional.ofNullable(files.names.get(file.text())).map(node -> node.bytes.clone()));
  }

  @Override
  public boolean exists(Location place) throws IOException {
    return step(
        "look",
        true,
        () -> files.names.containsKey(place.text()) || files.folders.contains(place.text()));
  }

  @Override
  public List<Entry> list(Location folder) throws IOException {
    return step(
        "list",
        true,
        () -> {
          String prefix = folder.text() + "/";
          Map<String, Entry> entries = new TreeMap<>();
          for (String name : files.folders) {
            if (isIn(prefix, name)) {
              String own = name.substring(prefix.length());
              entries.put(own, new Entry(own, true, 0, Instant.EPOCH));
            }
          }
          files.names.forEach(
              (name, node) -> {
                if (isIn(prefix, name)) {
                  String own = name.substring(prefix.length());
                  entries.put(own, new Entry(own, false, node.bytes.length, node.modified));
                }
              });
          return new ArrayList<>(entries.values());
        });
  }

  @Override
  public void createFolders(Location folder) throws IOException {
    step(
        "make folder",
        false,
        () -> {
          files.addFolders(Optional.of(folder));
          return null;
        });
  }

  @Override
  public boolean delete(Location place) throws IOException {
    return step(
        "delete",
        isSeen(place),
        () -> {
          files.durable.remove(place.text());
          return files.names.remove(place.text()) != null;
        });
  }

  @Override
  public void sealLog(Location log) throws IOException {
    step(
        "seal",
        true,
        () -> {
          Node node = files.names.get(log.text());
          if (node != null && fencing == Fencing.SEALED_LOGS) {
            node.sealed = true;
          }
          return null;
        });
  }

  /** Whoever comes takes over, as if the lease of the one before had ended. */
  @Override
  public FolderLock lock(String what, Location folder) throws IOException {
    Object me = new Object();
    step("lock", true, () -> files.holder = me);
    return new FolderLock() {
      @Override
      public void check() throws IOException {
        if (step("look after the lock", true, () -> files.holder != me)) {
          throw new IOException(what + " " + folder + " was taken over");
        }
      }

      @Override
      public boolean isCheckedAtEveryForce() {
        return fencing == Fencing.CHECKED_FORCES;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Optional<String> problem(String what, Location folder) {
    return Optional.empty();
  }
}
