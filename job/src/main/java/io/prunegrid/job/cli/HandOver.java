package io.prunegrid.job.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.job.spark.Submission;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Location;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.IntSupplier;

/**
 * Brings a driver's words and its exit code back from the cluster: Spark's submitter tells neither.
 * The driver leaves them in a file of the results folder, the waiting process prints and removes
 * it.
 */
public final class HandOver {
  /** System property that tells a driver where to leave its words. */
  static final String PROPERTY = "prunegrid.outcome";

  private static final String FOLDER = "outcomes";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int FAILED = 1;

  private HandOver() {}

  /** A new place for a driver's words. */
  static Location place(Location results) {
    return results.resolve(FOLDER).resolve(UUID.randomUUID() + ".json");
  }

  /** The command that waits for a command and then says what the driver said. */
  static List<String> command(Location words, Submission submission, List<String> command) {
    List<String> classPath = new ArrayList<>(List.of(submission.confFolder().toString()));
    classPath.add(submission.application().toString());
    submission.classPath().forEach(entry -> classPath.add(entry.toString()));
    List<String> waiting = new ArrayList<>();
    waiting.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    waiting.addAll(submission.javaOptions());
    waiting.addAll(List.of("-cp", String.join(File.pathSeparator, classPath)));
    waiting.addAll(List.of(HandOver.class.getName(), words.toString()));
    waiting.addAll(command);
    return waiting;
  }

  /** Whether this process is a driver whose words are waited for elsewhere. */
  static boolean isOne() {
    return System.getProperty(PROPERTY) != null;
  }

  /** Runs the program and leaves what it says. */
  static int run(IntSupplier program) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setOut(both(System.out, out));
    System.setErr(both(System.err, err));
    int code = program.getAsInt();
    System.out.flush();
    System.err.flush();
    Location place = Location.of(System.getProperty(PROPERTY));
    try {
      byte[] words =
          JSON.writeValueAsBytes(
              Map.of(
                  "code",
                  code,
                  "out",
                  out.toString(StandardCharsets.UTF_8),
                  "err",
                  err.toString(StandardCharsets.UTF_8)));
      Disk.of(place).publish(place, words);
    } catch (IOException | RuntimeException e) {
      System.err.println("error: " + place + " cannot be written: " + e.getMessage());
    }
    return code;
  }

  private static PrintStream both(PrintStream there, OutputStream here) {
    OutputStream both =
        new FilterOutputStream(there) {
          @Override
          public void write(int value) throws IOException {
            there.write(value);
            here.write(value);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            there.write(bytes, offset, length);
            here.write(bytes, offset, length);
          }
        };
    return new PrintStream(both, true, StandardCharsets.UTF_8);
  }

  /**
   * Waits.
   *
   * @param arguments where the words will be, then the command that hands the run over
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(Arrays.copyOfRange(arguments, 1, arguments.length)).inheritIO().start();
    int submitted = process.waitFor();
    System.exit(say(Location.of(arguments[0]), submitted));
  }

  private static int say(Location place, int submitted) throws IOException {
    Optional<byte[]> words = Disk.of(place).read(place);
    if (words.isEmpty()) {
      System.err.println(
          "error: the driver left no word in "
              + place.parent().orElseThrow()
              + "; either it did not get that far or it does not see that folder; its own output is"
              + " where the cluster keeps the logs of drivers");
      return submitted == 0 ? FAILED : submitted;
    }
    JsonNode said = JSON.readTree(words.get());
    System.err.print(said.get("err").asText());
    System.out.print(said.get("out").asText());
    System.err.flush();
    System.out.flush();
    Disk.of(place).delete(place);
    place.parent().ifPresent(HandOver::removeIfEmpty);
    return said.get("code").asInt();
  }

  private static void removeIfEmpty(Location folder) {
    try {
      if (Disk.of(folder).list(folder).isEmpty()) {
        Disk.of(folder).delete(folder);
      }
    } catch (IOException e) {
      // an empty folder more in the results does no harm
    }
  }
}
