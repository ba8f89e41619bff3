package io.prunegrid.job.sweep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What decides a cell, setting by setting, under the names that a sweep file has for them.
 *
 * @param settings values by name, for instance {@code retrain.lr}
 */
record Identity(SortedMap<String, String> settings) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST = 60;

  /** Settings that are axes: where only these differ, it is simply another cell. */
  private static final List<String> AXES = List.of("ratio", "seed", "subset", "method");

  private static final Map<String, String> NAMES =
      Map.of(
          "evaluation.base.network", "structure of the network",
          "evaluation.base.weights", "bytes of the weights",
          "evaluation.base.version", "version of training",
          "evaluation.data", "content of the data",
          "evaluation.subset", "subset",
          "evaluation.head", "head",
          "scoring.method", "method",
          "scoring.version", "version of the method",
          "version", "version of the cell's steps",
          "evaluation.version", "version of the cell's steps");

  /**
   * Reads the spelling that a key hashes.
   *
   * @param json canonical JSON
   * @return nothing where it is something else
   */
  static Optional<Identity> of(String json) {
    SortedMap<String, String> settings = new TreeMap<>();
    try {
      JsonNode root = JSON.readTree(json);
      if (!root.isObject()) {
        return Optional.empty();
      }
      collect(root, "", settings);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
    return Optional.of(new Identity(settings));
  }

  private static void collect(JsonNode object, String path, SortedMap<String, String> settings) {
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      String full = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
      if (entry.getValue().isObject()) {
        collect(entry.getValue(), full, settings);
      } else if (!entry.getValue().isNull()) {
        name(full).ifPresent(name -> settings.put(name, shortened(entry.getValue())));
      }
    }
  }

  private static String shortened(JsonNode value) {
    String text = value.toString();
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 3) + "...";
  }

  private static Optional<String> name(String path) {
    if (path.endsWith("kind") || path.equals("evaluation.base.data")) {
      return Optional.empty();
    }
    if (NAMES.containsKey(path)) {
      return Optional.of(NAMES.get(path));
    }
    if (path.endsWith("stream")) {
      return Optional.of("seed");
    }
    for (Map.Entry<String, String> prefix :
        Map.of(
                "evaluation.base.training.", "train.",
                "scoring.parameters.", "",
                "scoring.", "",
                "selection.", "")
            .entrySet()
            .stream()
            .sorted(Map.Entry.<String, String>comparingByKey().reversed())
            .toList()) {
      if (path.startsWith(prefix.getKey())) {
        return Optional.of(prefix.getValue() + path.substring(prefix.getKey().length()));
      }
    }
    return Optional.of(path);
  }

  /** What is different in another identity: both values by setting, null where it has none. */
  SortedMap<String, String[]> against(Identity other) {
    SortedMap<String, String[]> differences = new TreeMap<>();
    settings.forEach(
        (name, value) -> {
          String there = other.settings.get(name);
          if (!value.equals(there)) {
            differences.put(name, new String[] {value, there});
          }
        });
    other.settings.forEach(
        (name, value) -> {
          if (!settings.containsKey(name)) {
            differences.put(name, new String[] {null, value});
          }
        });
    return differences;
  }

  /** How far two identities are apart: another place on the axes is further than any setting. */
  int distance(Identity other) {
    int distance = 0;
    for (String name : against(other).keySet()) {
      distance += AXES.contains(name) ? 1000 : 1;
    }
    return distance;
  }

  static boolean isAxis(String setting) {
    return AXES.contains(setting);
  }
}
