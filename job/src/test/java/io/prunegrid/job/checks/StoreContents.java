package io.prunegrid.job.checks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What the files of an artifact store on this machine are, read without the program. */
final class StoreContents {
  private StoreContents() {}

  /** Keys that have an artifact, without what is noted beside it: how long it took, say. */
  static Set<String> keys(Path store) throws IOException {
    Set<String> keys = new TreeSet<>();
    for (Path pointer : files(store.resolve("pointers"))) {
      keys.add(pointer.getFileName().toString().split("-", 2)[0]);
    }
    return keys;
  }

  /** Files that belong to no artifact: contents without a pointer, unfinished files, leases. */
  static Set<String> unreferenced(Path store) throws IOException {
    Set<String> named = new TreeSet<>();
    for (Path pointer : files(store.resolve("pointers"))) {
      named.add(Files.readString(pointer).strip());
    }
    Set<String> left = new TreeSet<>();
    for (Path file : files(store)) {
      boolean isPointer = file.startsWith(store.resolve("pointers"));
      boolean isNamed =
          file.startsWith(store.resolve("content"))
              && named.contains(file.getFileName().toString());
      if (file.getFileName().toString().startsWith(".") || !(isPointer || isNamed)) {
        left.add(store.relativize(file).toString());
      }
    }
    return left;
  }

  private static Set<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Set.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return new TreeSet<>(all.filter(Files::isRegularFile).toList());
    }
  }
}
