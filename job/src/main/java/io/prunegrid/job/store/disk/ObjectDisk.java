package io.prunegrid.job.store.disk;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.Path;

/**
 * Object stores that can refuse to overwrite, such as S3: an object appears whole when its stream
 * is closed, and is refused where the name is taken. There is no rename, no append and nothing to
 * force: a value is written to its name at once, and a log is a row of numbered objects, one for
 * each time that it was forced. Nobody can be kept from writing one more object, so whoever forces
 * a log has to look after the lock afterwards.
 */
final class ObjectDisk implements Disk {
  private static final Pattern CHUNK = Pattern.compile("(.+)\\.(\\d{9})");

  private final FileSystem system;

  /**
   * @param system one that can create conditionally
   */
  ObjectDisk(FileSystem system) {
    this.system = system;
  }

  @Override
  public boolean publish(Location file, byte[] value, Consumer<Stage> stages) throws IOException {
    boolean named = put(file, value);
    stages.accept(Stage.NAMED);
    return named;
  }

  private boolean put(Location file, byte[] value) throws IOException {
    FSDataOutputStreamBuilder<?, ?> builder = system.createFile(path(file));
    builder.overwrite(false).recursive();
    builder.must(CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE, true);
    try (FSDataOutputStream out = builder.build()) {
      out.write(value);
    } catch (IOException e) {
      if (HadoopErrors.saysTaken(e) || refused(e)) {
        return false;
      }
      throw e;
    }
    return true;
  }

  /** HTTP's "precondition failed", of which the store's client makes an exception of its own. */
  private static boolean refused(IOException error) {
    return String.valueOf(error.getMessage()).contains("412");
  }

  @Override
  public void replace(Location file, byte[] value) throws IOException {
    try (FSDataOutputStream out =
        system.createFile(path(file)).overwrite(true).recursive().build()) {
      out.write(value);
    }
  }

  @Override
  public Optional<byte[]> read(Location file) throws IOException {
    try (FSDataInputStream in = system.open(path(file))) {
      return Optional.of(in.readAllBytes());
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean exists(Location place) throws IOException {
    return system.exists(path(place));
  }

  @Override
  public List<Entry> list(Location folder) throws IOException {
    return HdfsDisk.list(system, folder);
  }

  @Override
  public void createFolders(Location folder) throws IOException {
    system.mkdirs(path(folder));
  }

  @Override
  public boolean delete(Location place) throws IOException {
    return system.delete(path(place), false);
  }

  @Override
  public Appender beginLog(Location log) throws IOException {
    if (!put(chunk(log, 0), new byte[0])) {
      throw new FileAlreadyExistsException(log.text());
    }
    return new Appender() {
      private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
      private int next = 1;

      @Override
      public void append(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        waiting.writeBytes(copy);
      }

      @Override
      public void force() throws IOException {
        if (waiting.size() == 0) {
          return;
        }
        if (!put(chunk(log, next), waiting.toByteArray())) {
          throw new FileAlreadyExistsException(chunk(log, next).text());
        }
        next++;
        waiting.reset();
      }

      @Override
      public void close() throws IOException {
        force();
      }
    };
  }

  @Override
  public List<String> logs(Location folder) throws IOException {
    return chunks(folder).map(name -> CHUNK.matcher(name).replaceFirst("$1")).distinct().toList();
  }

  private Stream<String> chunks(Location folder) throws IOException {
    return list(folder).stream().map(Entry::name).filter(CHUNK.asMatchPredicate());
  }

  private List<String> chunksOf(Location log) throws IOException {
    Location folder = log.parent().orElseThrow();
    return chunks(folder)
        .filter(name -> CHUNK.matcher(name).replaceFirst("$1").equals(log.name()))
        .toList();
  }

  @Override
  public Optional<byte[]> readLog(Location log) throws IOException {
    List<String> chunks = chunksOf(log);
    if (chunks.isEmpty()) {
      return Optional.empty();
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (int i = 0; i < chunks.size(); i++) {
      Optional<byte[]> bytes = read(chunk(log, i));
      if (bytes.isEmpty()) {
        // What follows a gap was put by a writer that had lost the lock: never acknowledged.
        break;
      }
      whole.writeBytes(bytes.get());
    }
    return Optional.of(whole.toByteArray());
  }

  @Override
  public void sealLog(Location log) {
    // Its writer looks after the lock before it acknowledges anything.
  }

  /** From the last chunk to the first, so that what is left of an interrupted removal is a log. */
  @Override
  public void deleteLog(Location log) throws IOException {
    List<String> chunks = chunksOf(log);
    for (int i = chunks.size() - 1; i >= 0; i--) {
      delete(log.parent().orElseThrow().resolve(chunks.get(i)));
    }
  }

  @Override
  public FolderLock lock(String what, Location folder) throws IOException {
    return LeaseLock.acquire(this, what, folder, true);
  }

  @Override
  public Optional<String> problem(String what, Location folder) {
    return Disks.problem(system, what, folder);
  }

  private static Location chunk(Location log, int number) {
    return log.parent()
        .orElseThrow()
        .resolve(String.format(Locale.ROOT, "%s.%09d", log.name(), number));
  }

  private static Path path(Location location) {
    return new Path(location.text());
  }
}
