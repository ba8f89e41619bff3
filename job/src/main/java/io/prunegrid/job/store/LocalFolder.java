package io.prunegrid.job.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * {@link PublishIfAbsent} on a local disk. A value is written to a file of its own under a hidden
 * name, forced, and then linked to its name: making a hard link fails where the name exists, on
 * every local file system and on NFS. The hidden name is gone afterwards; one that a dead process
 * left is in nobody's way.
 */
public final class LocalFolder implements PublishIfAbsent {
  private static final String UNFINISHED = ".unfinished-";

  private final Path root;

  /** The folder, made at the first publication. */
  public LocalFolder(Path root) {
    this.root = root;
  }

  @Override
  public boolean publish(String name, byte[] value) throws IOException {
    Path target = resolve(name);
    if (Files.exists(target)) {
      Durable.forceFolder(target.getParent());
      return false;
    }
    Path unfinished = writeUnfinished(target, value);
    try {
      Files.createLink(target, unfinished);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException e) {
      throw new IOException(
          root + " is on a file system without hard links, which a store on local disks needs", e);
    } finally {
      Files.deleteIfExists(unfinished);
      Durable.forceFolder(target.getParent());
    }
  }

  @Override
  public Optional<byte[]> read(String name) throws IOException {
    try {
      return Optional.of(Files.readAllBytes(resolve(name)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public void repair(String name, byte[] value) throws IOException {
    Path target = resolve(name);
    Path unfinished = writeUnfinished(target, value);
    try {
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
      Durable.forceFolder(target.getParent());
    }
  }

  @Override
  public List<String> names(String folder) throws IOException {
    List<String> names = new ArrayList<>();
    if (!Files.isDirectory(resolve(folder))) {
      return names;
    }
    Files.walkFileTree(
        resolve(folder),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!file.getFileName().toString().startsWith(UNFINISHED)) {
              names.add(root.relativize(file).toString());
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
    Collections.sort(names);
    return names;
  }

  private static Path writeUnfinished(Path target, byte[] value) throws IOException {
    Durable.createFolders(target.getParent());
    Path unfinished = target.resolveSibling(UNFINISHED + UUID.randomUUID());
    try {
      Durable.writeNew(unfinished, value);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
    return unfinished;
  }

  private Path resolve(String name) {
    Path resolved = root.resolve(name).normalize();
    if (!resolved.startsWith(root.normalize())) {
      throw new IllegalArgumentException("not a name in " + root + ": " + name);
    }
    return resolved;
  }
}
