package io.prunegrid.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/** What Torch-Pruning recorded for one network: groups, scores and pruned structures. */
public final class PruningOracle {
  private final JsonNode document;

  private PruningOracle(JsonNode document) {
    this.document = document;
  }

  /** Reads a network's record; skips the test where the shared data is absent. */
  public static PruningOracle read(String model) {
    try (InputStream in =
        new GZIPInputStream(
            Files.newInputStream(Shared.require("oracle/torch-pruning/" + model + ".json.gz")))) {
      return new PruningOracle(new ObjectMapper().readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Parameters of the whole network. */
  public long parameters() {
    return document.at("/base/params").asLong();
  }

  /** Multiply-accumulates of convolutions and linear layers, biases not counted. */
  public long macs() {
    return document.at("/base/macs_conv_linear_nobias").asLong();
  }

  /** Layers whose outputs are not pruned, the classifier too. */
  public List<String> ignored() {
    List<String> names = new ArrayList<>();
    document.get("ignored").forEach(name -> names.add(name.asText()));
    return names;
  }

  public int prunableChannels() {
    return document.get("initial_total_channels").asInt();
  }

  public int groupCount() {
    return document.get("n_groups").asInt();
  }

  /**
   * Scores by the group's root layer, one for each of its output channels; groups that were not
   * scored are left out.
   *
   * @param importance for instance {@code mag_p1}
   */
  public Map<String, double[]> scores(String importance) {
    Map<String, double[]> scores = new LinkedHashMap<>();
    document
        .at("/scores/" + importance)
        .properties()
        .forEach(
            entry -> {
              JsonNode values = entry.getValue();
              if (!values.isNull()) {
                scores.put(
                    entry.getKey(),
                    IntStream.range(0, values.size())
                        .mapToDouble(i -> values.get(i).asDouble())
                        .toArray());
              }
            });
    return scores;
  }

  /** Names of all importances with recorded scores. */
  public List<String> importances() {
    List<String> names = new ArrayList<>();
    document.get("scores").fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** Everything recorded for one importance that was pruned in a single step. */
  public List<Configuration> singleStep(String importance) {
    return configurations(importance, 1);
  }

  /** Everything recorded for one importance that was pruned in five steps. */
  public List<Configuration> inSteps(String importance) {
    return configurations(importance, 5);
  }

  private List<Configuration> configurations(String importance, int steps) {
    List<Configuration> found = new ArrayList<>();
    for (JsonNode node : document.get("configs")) {
      if (node.get("imp").asText().equals(importance) && node.get("steps").asInt() == steps) {
        found.add(new Configuration(node));
      }
    }
    return found;
  }

  /** One pruned structure and how it was asked for. */
  public static final class Configuration {
    private final JsonNode node;

    private Configuration(JsonNode node) {
      this.node = node;
    }

    public boolean isGlobal() {
      return node.get("global").asBoolean();
    }

    public double ratio() {
      return node.get("ratio").asDouble();
    }

    /** 1 where none was asked. */
    public int roundTo() {
      return node.get("round_to").isNull() ? 1 : node.get("round_to").asInt();
    }

    public long parameters() {
      return node.get("params").asLong();
    }

    /**
     * Kept positions, ascending; empty where all were kept.
     *
     * @param side {@code out} or {@code in}
     */
    public Optional<int[]> kept(String layer, String side) {
      JsonNode mask = node.path("kept").path(layer).path(side);
      if (mask.isMissingNode()) {
        return Optional.empty();
      }
      String digits = mask.asText();
      return Optional.of(
          IntStream.range(0, 4 * digits.length())
              .filter(c -> (Character.digit(digits.charAt(c / 4), 16) & (8 >> (c % 4))) != 0)
              .toArray());
    }

    @Override
    public String toString() {
      return (isGlobal() ? "global " : "local ") + ratio() + " round-to " + roundTo();
    }
  }
}
