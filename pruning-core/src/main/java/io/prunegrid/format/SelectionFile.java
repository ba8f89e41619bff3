package io.prunegrid.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which output channels of which layers go, as JSON that a person can read and edit:
 *
 * <pre>{@code
 * { "version": 1, "network": "resnet20",
 *   "layers": { "conv1": { "of": 16, "remove": [0, 5] }, ... } }
 * }</pre>
 *
 * @param network name of the network that the channels belong to
 * @param layers by name, in order; a layer that is not there keeps its channels
 */
public record SelectionFile(String network, Map<String, Layer> layers) {
  private static final int VERSION = 1;

  public SelectionFile {
    layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
  }

  /**
   * One layer's part.
   *
   * @param of how many output channels the layer has
   * @param remove those that go, counted from 0, as listed
   */
  public record Layer(int of, List<Integer> remove) {
    public Layer {
      remove = List.copyOf(remove);
    }
  }

  /**
   * Reads a file.
   *
   * @throws BadInput where it is missing, or with everything that makes it no selection
   */
  public static SelectionFile read(Path file) {
    List<String> problems = new ArrayList<>();
    Map<String, Layer> layers = new LinkedHashMap<>();
    String network;
    try (FileBytes bytes = FileBytes.open(file)) {
      JsonFields fields = new JsonFields("the selection", JsonFiles.read(bytes));
      GraphJson.expectVersion(fields, VERSION);
      network = fields.text("network");
      JsonNode listed = fields.value("layers");
      fields.expectNoMore();
      if (!listed.isObject()) {
        throw new Malformed("the selection has layers that are no JSON object");
      }
      for (Map.Entry<String, JsonNode> entry : listed.properties()) {
        try {
          layers.put(entry.getKey(), layer(entry.getKey(), entry.getValue()));
        } catch (Malformed e) {
          problems.add(file + ": " + e.getMessage());
        }
      }
    } catch (IOException e) {
      throw Malformed.report(file, e);
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    return new SelectionFile(network, layers);
  }

  private static Layer layer(String name, JsonNode listed) throws Malformed {
    JsonFields fields = new JsonFields("layer " + Malformed.quote(name), listed);
    Layer layer =
        new Layer(
            fields.integer("of", 1, Integer.MAX_VALUE),
            fields.integers("remove", 0, Integer.MAX_VALUE));
    fields.expectNoMore();
    return layer;
  }

  /**
   * Writes the file, whole or not at all.
   *
   * @throws BadInput where it cannot be written
   */
  public void write(Path file) {
    ObjectNode document =
        JsonFiles.mapper().createObjectNode().put("version", VERSION).put("network", network);
    ObjectNode listed = document.putObject("layers");
    layers.forEach(
        (name, layer) -> {
          ArrayNode remove = listed.putObject(name).put("of", layer.of).putArray("remove");
          layer.remove.forEach(remove::add);
        });
    WholeFiles.write(file, out -> out.write(JsonFiles.bytes(document)));
  }
}
