package io.prunegrid.job.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Where a command's answer goes: to the terminal in words, and as JSON to a file where asked. JSON
 * numbers have the fewest digits that read back as the same number.
 */
final class Answer {
  private static final String TERMINAL = "-";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Optional<String> target;

  private Answer(Optional<String> target) {
    this.target = target;
  }

  /**
   * Checks that the file can be written.
   *
   * @throws BadInput where its folder does not exist or cannot be written
   */
  static Answer to(Optional<String> target) {
    if (target.isPresent() && !target.get().equals(TERMINAL)) {
      Path file = file(target.get());
      Path folder = file.getParent();
      if (!Files.isDirectory(folder)) {
        throw new BadInput("--json " + target.get() + ": the folder " + folder + " does not exist");
      }
      if (Files.isDirectory(file)) {
        throw new BadInput("--json " + target.get() + " is a folder");
      }
      if (!Files.isWritable(Files.exists(file) ? file : folder)) {
        throw new BadInput("--json " + target.get() + ": it cannot be written, permission denied");
      }
    }
    return new Answer(target);
  }

  private static Path file(String text) {
    try {
      return Path.of(text).toAbsolutePath();
    } catch (InvalidPathException e) {
      throw new BadInput("--json '" + text + "' is not a path", e);
    }
  }

  /**
   * Gives the answer.
   *
   * @param json maps, lists and numbers; asked for only where wanted
   * @param words prints the same for people
   */
  void give(PrintWriter out, Supplier<Map<String, ?>> json, Consumer<PrintWriter> words) {
    if (target.isEmpty()) {
      words.accept(out);
    } else if (target.get().equals(TERMINAL)) {
      out.println(json(json.get()));
    } else {
      write(file(target.get()), json(json.get()));
      words.accept(out);
    }
    out.flush();
  }

  /** JSON of maps, lists and numbers, with the fewest digits that read back as the same number. */
  static String json(Object json) {
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an answer is made of maps, lists and numbers", e);
    }
  }

  /** Whole or not at all; straight to what is no file, such as a pipe. */
  private static void write(Path file, String text) {
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        Files.writeString(file, text + "\n");
        return;
      }
      Path draft =
          file.resolveSibling("." + file.getFileName() + "." + ProcessHandle.current().pid());
      try {
        Files.writeString(draft, text + "\n");
        move(draft, file);
      } finally {
        Files.deleteIfExists(draft);
      }
    } catch (IOException e) {
      throw new BadInput("--json " + file + " cannot be written: " + e.getMessage(), e);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
