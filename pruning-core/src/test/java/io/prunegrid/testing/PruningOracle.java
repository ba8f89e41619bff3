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
                scores.put(entry.getKey(), numbers(values));
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

  /** Names of the roots of the reference's groups, the first producing layer that it meets. */
  public List<String> roots() {
    List<String> roots = new ArrayList<>();
    document.get("groups").forEach(group -> roots.add(group.at("/items/0/0").asText()));
    return roots;
  }

  /** Everything recorded for one importance that was pruned in a single step. */
  public List<Configuration> singleStep(String importance) {
    return configurations().stream()
        .filter(each -> each.importance().equals(importance) && each.steps() == 1)
        .toList();
  }

  /** Everything that was pruned. */
  public List<Configuration> configurations() {
    List<Configuration> found = new ArrayList<>();
    document.get("configs").forEach(node -> found.add(new Configuration(node)));
    return found;
  }

  /** The network as it is. */
  public Recorded base() {
    return new Recorded(document.get("base"));
  }

  /** The network as it is, for images of a size that divides badly. */
  public Recorded baseOdd() {
    return new Recorded(document.get("base_odd"));
  }

  /** What a network computed for the first generated image. */
  public static class Recorded {
    final JsonNode node;

    private Recorded(JsonNode node) {
      this.node = node;
    }

    public long parameters() {
      return node.get("params").asLong();
    }

    /** Multiply-accumulates as Torch-Pruning counts them. */
    public long torchPruningMacs() {
      return node.get("tp_macs").asLong();
    }

    /** The first values of the first output. */
    public double[] firstLogits() {
      return numbers(node.get("logits8"));
    }

    /** Sum over all values of all outputs. */
    public double sum() {
      return node.get("logits_sum").asDouble();
    }

    /** Euclidean length of all values of all outputs. */
    public double length() {
      return node.get("logits_l2").asDouble();
    }

    /** Name of one of several outputs. */
    public String name() {
      return node.get("name").asText();
    }

    /** Each of several outputs; empty where there is one. */
    public List<Recorded> outputs() {
      List<Recorded> outputs = new ArrayList<>();
      node.path("outputs").forEach(output -> outputs.add(new Recorded(output)));
      return outputs;
    }
  }

  private static double[] numbers(JsonNode values) {
    return IntStream.range(0, values.size()).mapToDouble(i -> values.get(i).asDouble()).toArray();
  }

  /** One pruned structure and how it was asked for. */
  public static final class Configuration extends Recorded {
    private Configuration(JsonNode node) {
      super(node);
    }

    /** For instance {@code mag_p1}. */
    public String importance() {
      return node.get("imp").asText();
    }

    public int steps() {
      return node.get("steps").asInt();
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
      return importance()
          + (isGlobal() ? " global " : " local ")
          + ratio()
          + " round-to "
          + roundTo()
          + (steps() == 1 ? "" : " in " + steps() + " steps");
    }
  }
}
