package io.prunegrid.format;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file, read at any position without ever being held in memory as a whole. */
public final class FileBytes implements Bytes, Closeable {
  private final FileChannel channel;
  private final long length;

  private FileBytes(FileChannel channel) throws IOException {
    this.channel = channel;
    this.length = channel.size();
  }

  public static FileBytes open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new Malformed("is a folder, expected a file");
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new FileBytes(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public String name() {
    return "the file";
  }

  @Override
  public InputStream open(long from) {
    return new BufferedInputStream(new ChannelStream(from), 1 << 16);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Reads by position, so that streams over one channel do not disturb each other. */
  private final class ChannelStream extends InputStream {
    private long position;

    ChannelStream(long position) {
      this.position = position;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int count) throws IOException {
      if (count == 0) {
        return 0;
      }
      int read = channel.read(ByteBuffer.wrap(to, offset, count), position);
      position += Math.max(0, read);
      return read;
    }
  }
}
