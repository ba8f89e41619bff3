package io.prunegrid.format;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

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
   * What a person wrote, as far as it can be understood.
   *
   * @param file where it stands
   * @param network empty where the file does not say
   * @param layers by name, in order, without what is wrong with them; {@link Layer#of} is 0 where
   *     the file does not say
   * @param doubtful names of layers of which not all that goes is understood
   * @param problems one sentence each, without the file's name
   */
  public record Draft(
      Path file,
      Optional<String> network,
      Map<String, Layer> layers,
      Set<String> doubtful,
      List<String> problems) {
    public Draft {
      layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
      doubtful = Set.copyOf(doubtful);
      problems = List.copyOf(problems);
    }

    /**
     * Refuses the file for what is wrong with it, and perhaps more.
     *
     * @param more sentences without the file's name
     * @throws BadInput with every problem, if there is any
     */
    public void refuse(List<String> more) {
      List<String> all = Stream.concat(problems.stream(), more.stream()).toList();
      if (!all.isEmpty()) {
        throw new BadInput(all.stream().map(problem -> file + ": " + problem).toList());
      }
    }
  }

  /**
   * Reads a file.
   *
   * @throws BadInput where it is missing, or with everything that makes it no selection
   */
  public static SelectionFile read(Path file) {
    Draft draft = draft(file);
    draft.refuse(List.of());
    return new SelectionFile(draft.network().orElseThrow(), draft.layers());
  }

  /**
   * Reads what can be understood of a file, so that what is wrong with it can be told together with
   * what does not fit the network.
   *
   * @throws BadInput where it is missing, is no JSON object, or is of another version
   */
  public static Draft draft(Path file) {
    try (FileBytes bytes = FileBytes.open(file)) {
      JsonFields fields = new JsonFields("the selection", JsonFiles.read(bytes));
      GraphJson.expectVersion(fields, VERSION);
      return new SelectionReader().draft(file, fields);
    } catch (IOException e) {
      throw Malformed.report(file, e);
    }
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
