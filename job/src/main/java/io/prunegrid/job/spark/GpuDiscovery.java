package io.prunegrid.job.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.WorkingFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Finds this machine's GPUs as Spark's workers do: by a program that prints <code>
 * {"name": "gpu", "addresses": ["0", "1"]}</code>.
 */
final class GpuDiscovery {
  private static final String SCRIPT = "spark.worker.resource.gpu.discoveryScript";

  /** System property by which the launcher names the script that ships with the program. */
  private static final String SHIPPED_SCRIPT = "prunegrid.gpu.script";

  private static final String AMOUNT = "spark.worker.resource.gpu.amount";
  private static final long PATIENCE_SECONDS = 60;
  private static final ObjectMapper JSON = new ObjectMapper();

  private GpuDiscovery() {}

  /**
   * Addresses of GPUs as the options of a standalone worker say, at least one.
   *
   * @throws BadInput where there is none
   */
  static List<String> addresses(GridSettings settings) {
    String script =
        settings
            .option(SCRIPT)
            .or(() -> Optional.ofNullable(System.getProperty(SHIPPED_SCRIPT)))
            .orElseThrow(
                () ->
                    new BadInput(
                        "the sweep asks for GPUs, and nothing says how to find them; set "
                            + SCRIPT
                            + " to a discovery script"));
    Optional<Integer> amount = Optional.empty();
    if (settings.option(AMOUNT).isPresent()) {
      try {
        amount = settings.option(AMOUNT).map(Integer::valueOf);
      } catch (NumberFormatException e) {
        throw new BadInput(
            AMOUNT + " is " + settings.option(AMOUNT).get() + "; allowed: a whole number", e);
      }
    }
    return addresses(WorkingFolder.path(script), amount);
  }

  /**
   * Addresses of GPUs, at least one.
   *
   * @param script the program
   * @param amount how many of them to use; empty for all
   * @throws BadInput where the program does not run, finds none, or fewer than that
   */
  static List<String> addresses(Path script, Optional<Integer> amount) {
    JsonNode answer = parse(script, run(script));
    List<String> found = new ArrayList<>();
    answer.path("addresses").forEach(address -> found.add(address.asText()));
    if (!answer.path("name").asText().equals("gpu") || found.isEmpty()) {
      throw new BadInput("the sweep asks for GPUs, and " + script + " finds none: " + answer);
    }
    if (amount.isPresent() && amount.get() > found.size()) {
      throw new BadInput(
          "spark.worker.resource.gpu.amount is "
              + amount.get()
              + ", and "
              + script
              + " finds "
              + String.join(", ", found));
    }
    return found.subList(0, amount.orElse(found.size()));
  }

  private static JsonNode parse(Path script, String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new BadInput(
          "the sweep asks for GPUs, and what " + script + " prints is not JSON: " + text, e);
    }
  }

  private static String run(Path script) {
    try {
      Path errors = Files.createTempFile("prunegrid-gpus", ".txt");
      Process process =
          new ProcessBuilder(script.toAbsolutePath().toString())
              .redirectError(errors.toFile())
              .start();
      try {
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
          throw new BadInput(
              "the sweep asks for GPUs, and "
                  + script
                  + " finds none: "
                  + Files.readString(errors).strip());
        }
        return output;
      } finally {
        process.destroyForcibly();
        Files.deleteIfExists(errors);
      }
    } catch (IOException e) {
      throw new BadInput(
          "the sweep asks for GPUs, and " + script + " cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
