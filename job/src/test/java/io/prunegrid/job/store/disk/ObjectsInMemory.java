package io.prunegrid.job.store.disk;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BufferedFSInputStream;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * An object store as S3 is one through Hadoop's connector, in memory: an object appears whole when
 * its stream is closed, is refused there where that was asked and the name is taken, and folders
 * are names that end in a slash. Neither append nor rename.
 */
final class ObjectsInMemory extends FileSystem {
  private static final URI ADDRESS = URI.create("s3a://bucket");

  private final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

  ObjectsInMemory() {
    setConf(new Configuration(false));
  }

  @Override
  public URI getUri() {
    return ADDRESS;
  }

  private static String name(Path path) {
    return path.toUri().getPath();
  }

  @Override
  public FSDataOutputStreamBuilder<?, ?> createFile(Path path) {
    return new Builder(this, path);
  }

  private final class Builder extends FSDataOutputStreamBuilder<FSDataOutputStream, Builder> {
    Builder(FileSystem system, Path path) {
      super(system, path);
    }

    @Override
    public Builder getThisBuilder() {
      return this;
    }

    @Override
    public FSDataOutputStream build() throws IOException {
      boolean conditional =
          getOptions()
              .getBoolean(CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE, false);
      String name = name(getPath());
      ByteArrayOutputStream body =
          new ByteArrayOutputStream() {
            @Override
            public void close() throws IOException {
              if (!conditional) {
                objects.put(name, toByteArray());
              } else if (objects.putIfAbsent(name, toByteArray()) != null) {
                throw new IOException("PUT " + name + ": Status Code: 412");
              }
            }
          };
      return new FSDataOutputStream(body, null);
    }
  }

  @Override
  public FSDataInputStream open(Path path, int buffer) throws IOException {
    byte[] body = objects.get(name(path));
    if (body == null) {
      throw new FileNotFoundException(path.toString());
    }
    ByteArrayInputStream bytes = new ByteArrayInputStream(body);
    FSInputStream in =
        new FSInputStream() {
          @Override
          public int read() {
            return bytes.read();
          }

          @Override
          public int read(byte[] into, int from, int length) {
            return bytes.read(into, from, length);
          }

          @Override
          public void seek(long to) {
            throw new UnsupportedOperationException();
          }

          @Override
          public long getPos() {
            return (long) body.length - bytes.available();
          }

          @Override
          public boolean seekToNewSource(long to) {
            return false;
          }
        };
    return new FSDataInputStream(new BufferedFSInputStream(in, 4096));
  }

  @Override
  public boolean delete(Path path, boolean recursive) {
    byte[] object = objects.remove(name(path));
    byte[] folder = objects.remove(name(path) + "/");
    return object != null || folder != null;
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) {
    objects.put(name(path) + "/", new byte[0]);
    return true;
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    byte[] body = objects.get(name(path));
    String prefix = name(path).equals("/") ? "/" : name(path) + "/";
    String below = objects.ceilingKey(prefix);
    boolean isFolder = below != null && below.startsWith(prefix);
    if (body == null && !isFolder && !name(path).equals("/")) {
      throw new FileNotFoundException(path.toString());
    }
    return status(path, body);
  }

  /** Of a folder where there are no bytes. */
  private FileStatus status(Path path, byte[] body) {
    FsPermission all = new FsPermission((short) 0777);
    return new FileStatus(
        body == null ? 0 : body.length,
        body == null,
        1,
        1,
        System.currentTimeMillis(),
        0,
        all,
        "nobody",
        "nobody",
        makeQualified(path));
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    if (!getFileStatus(path).isDirectory()) {
      return new FileStatus[] {getFileStatus(path)};
    }
    String prefix = name(path) + "/";
    List<FileStatus> found = new ArrayList<>();
    String last = "";
    for (Map.Entry<String, byte[]> one : objects.tailMap(prefix, false).entrySet()) {
      if (!one.getKey().startsWith(prefix)) {
        break;
      }
      String rest = one.getKey().substring(prefix.length());
      int slash = rest.indexOf('/');
      String own = slash < 0 ? rest : rest.substring(0, slash);
      if (!own.equals(last)) {
        found.add(status(new Path(path, own), slash < 0 ? one.getValue() : null));
        last = own;
      }
    }
    return found.toArray(FileStatus[]::new);
  }

  @Override
  public void setWorkingDirectory(Path path) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path getWorkingDirectory() {
    return new Path(ADDRESS + "/");
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FSDataOutputStream append(Path path, int buffer, Progressable progress) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean rename(Path from, Path to) {
    throw new UnsupportedOperationException();
  }
}
