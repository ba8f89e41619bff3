package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.sweep.Presets;
import io.prunegrid.job.sweep.Sweep;
import io.prunegrid.job.sweep.SweepContext;
import io.prunegrid.job.sweep.SweepFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A sweep file as one word of a command line, by which it gets to a driver on a machine that does
 * not have the file.
 */
final class CarriedSweep {
  /** The longest word that Linux passes to a program. */
  private static final int LONGEST = 128 * 1024 - 100;

  private CarriedSweep() {}

  /**
   * The file and all that it includes.
   *
   * @throws BadInput where it cannot be read or is too long
   */
  static String of(Path file, Presets presets) {
    String name = file.getFileName().toString();
    byte[] text = (name + "\n" + SweepFile.whole(file, presets)).getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream zipped = new GZIPOutputStream(bytes)) {
      zipped.write(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String word = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
    if (word.length() > LONGEST) {
      throw new BadInput(
          "sweep file "
              + file
              + " is too long for --deploy-mode cluster: "
              + word.length()
              + " characters when packed; allowed: "
              + LONGEST);
    }
    return word;
  }

  /**
   * The sweep that {@link #of} packed.
   *
   * @throws BadInput with every problem of the sweep
   */
  static Sweep read(String word, List<String> overrides, SweepContext context) {
    String text;
    try (GZIPInputStream zipped =
        new GZIPInputStream(new ByteArrayInputStream(Base64.getUrlDecoder().decode(word)))) {
      text = new String(zipped.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInput("the sweep on the command line is not what a launcher put there", e);
    }
    int line = text.indexOf('\n');
    try {
      Path folder = Files.createTempDirectory("prunegrid-sweep");
      Path file = folder.resolve(text.substring(0, line));
      try {
        Files.writeString(file, text.substring(line + 1));
        return SweepFile.read(file, overrides, context);
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
