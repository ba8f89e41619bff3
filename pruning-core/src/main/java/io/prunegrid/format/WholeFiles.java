package io.prunegrid.format;

import io.prunegrid.common.BadInput;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Writes files and folders under another name first, so that nobody ever sees half of one. */
public final class WholeFiles {
  private static final AtomicLong COUNTER = new AtomicLong();

  /** Names that {@link #beside} makes. */
  private static final Pattern UNFINISHED = Pattern.compile("\\..+\\.[0-9]+\\.[0-9]+\\.tmp");

  private WholeFiles() {}

  /** What fills a file. */
  public interface Content {
    void write(OutputStream out) throws IOException;
  }

  /** What looks at a file before it gets its name, and throws where it should not. */
  public interface Check {
    /** Nothing to look at. */
    Check NONE = file -> {};

    void look(Path file) throws IOException;
  }

  /** What fills a folder. */
  interface Filler {
    void fill(Path folder) throws IOException;
  }

  /**
   * Writes a file and forces it to the disk before it gets its name.
   *
   * @throws BadInput when the file cannot be written
   */
  public static void write(Path file, Content content) {
    write(file, content, Check.NONE);
  }

  /**
   * Writes a file and forces it to the disk, and looks at it before it gets its name.
   *
   * @throws BadInput when the file cannot be written
   */
  public static void write(Path file, Content content, Check check) {
    try {
      Path temporary = beside(file);
      try {
        writeNew(temporary, content);
        check.look(temporary);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException | RuntimeException e) {
        Files.deleteIfExists(temporary);
        throw e;
      }
    } catch (IOException e) {
      throw report(file, e);
    }
  }

  /** Writes a file that must not exist yet, and forces it to the disk. */
  static void writeNew(Path file, Content content) throws IOException {
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
      content.write(out);
      out.flush();
      channel.force(true);
    }
  }

  /**
   * Writes a folder. One that exists is replaced when it is empty or holds the {@code mark}, which
   * shows that it was written here.
   *
   * @throws BadInput when the folder cannot be written, or holds something else
   */
  static void writeFolder(Path folder, String mark, Filler filler) {
    try {
      if (Files.exists(folder) && !isReplaceable(folder, mark)) {
        throw new BadInput(folder + " exists and is no model folder; it is left as it is");
      }
      Path temporary = beside(folder);
      try {
        Files.createDirectory(temporary);
        filler.fill(temporary);
        put(temporary, folder);
      } catch (IOException | RuntimeException e) {
        delete(temporary);
        throw e;
      }
    } catch (IOException e) {
      throw report(folder, e);
    }
  }

  /**
   * Removes what a writer that was killed left unfinished in a folder. Only for a folder in which
   * nobody writes at the moment.
   *
   * @throws BadInput when something cannot be removed
   */
  static void removeUnfinished(Path folder) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> inside = Files.list(folder)) {
      for (Path path : inside.toList()) {
        if (UNFINISHED.matcher(path.getFileName().toString()).matches()) {
          delete(path);
        }
      }
    } catch (IOException e) {
      throw report(folder, e);
    }
  }

  private static boolean isReplaceable(Path folder, String mark) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> inside = Files.list(folder)) {
      return Files.exists(folder.resolve(mark)) || inside.findAny().isEmpty();
    }
  }

  private static void put(Path temporary, Path folder) throws IOException {
    if (!Files.exists(folder)) {
      Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    Path old = beside(folder);
    Files.move(folder, old, StandardCopyOption.ATOMIC_MOVE);
    Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
    delete(old);
  }

  /** A new name in the same folder, made if need be, where a rename is atomic. */
  private static Path beside(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    if (absolute.getParent() == null) {
      throw new FileAlreadyExistsException(path.toString());
    }
    Files.createDirectories(absolute.getParent());
    String name =
        "."
            + absolute.getFileName()
            + "."
            + ProcessHandle.current().pid()
            + "."
            + COUNTER.incrementAndGet()
            + ".tmp";
    Path temporary = absolute.resolveSibling(name);
    delete(temporary);
    return temporary;
  }

  /** Removes a file, or a folder of files. */
  private static void delete(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      List<Path> files;
      try (Stream<Path> inside = Files.list(path)) {
        files = inside.toList();
      }
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.deleteIfExists(path);
  }

  private static BadInput report(Path path, IOException problem) {
    return new BadInput(path + " cannot be written: " + why(path, problem), problem);
  }

  private static String why(Path path, IOException problem) {
    if (problem instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (problem instanceof FileAlreadyExistsException exists) {
      return exists.getFile() + " is no folder";
    }
    if (problem instanceof FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    if (problem instanceof NoSuchFileException) {
      return path.toAbsolutePath().normalize().getParent() + " takes no new files";
    }
    return problem.getMessage() == null ? "input or output failed" : problem.getMessage();
  }
}
