package io.prunegrid.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A model in a folder of its own, structure and weights together: {@code graph.json}, {@code
 * weights.safetensors} and {@code card.json}, which says what made it. Where weights are masked, so
 * that they are zero, {@code masks.safetensors} says which, and {@code originals.safetensors} what
 * they were. A folder appears whole or not at all.
 */
public final class ModelFolder {
  private static final String GRAPH = "graph.json";
  private static final String WEIGHTS = "weights.safetensors";
  private static final String CARD = "card.json";
  private static final String MASKS = "masks.safetensors";
  private static final String ORIGINALS = "originals.safetensors";

  private ModelFolder() {}

  /** Whether a path is a model folder rather than some other folder, a file or nothing. */
  public static boolean isModelFolder(Path path) {
    return Files.exists(path.resolve(CARD));
  }

  /**
   * Reads a model.
   *
   * @throws BadInput when a file is missing, damaged or newer than this program, or when graph,
   *     weights, masks and card do not fit each other
   */
  public static SavedModel read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new BadInput(
          folder
              + (Files.exists(folder) ? " is no folder" : " does not exist")
              + ", expected a model folder");
    }
    List<String> missing =
        Stream.of(CARD, GRAPH, WEIGHTS)
            .filter(name -> !Files.exists(folder.resolve(name)))
            .toList();
    if (!missing.isEmpty()) {
      throw new BadInput(
          folder + " is no complete model folder: it has no " + String.join(", no ", missing));
    }
    ModelCard card = readCard(folder.resolve(CARD));
    ModelGraph graph = GraphJson.read(folder.resolve(GRAPH));
    Path weights = folder.resolve(WEIGHTS);
    Model model = Model.bind(graph, Safetensors.read(weights), weights.toString());
    Optional<String> problem = headProblem(graph, card);
    if (problem.isPresent()) {
      throw new BadInput(folder.resolve(CARD) + " " + problem.get());
    }
    return new SavedModel(model, card, masked(folder, model));
  }

  private static Optional<MaskedWeights> masked(Path folder, Model model) {
    Path masks = folder.resolve(MASKS);
    Path originals = folder.resolve(ORIGINALS);
    if (!Files.exists(masks) && !Files.exists(originals)) {
      return Optional.empty();
    }
    MaskedWeights masked = new MaskedWeights(Safetensors.read(masks), Safetensors.read(originals));
    masked.refuseOthers(folder, model);
    return Optional.of(masked);
  }

  /**
   * Writes a model without masks, see {@link #write(Path, SavedModel)}.
   *
   * @throws IllegalArgumentException when the card does not fit the model
   * @throws BadInput when the folder cannot be written, or exists and holds something else
   */
  public static void write(Path folder, Model model, ModelCard card) {
    write(folder, new SavedModel(model, card));
  }

  /**
   * Writes a model, making parent folders if need be. An older model folder of this name is
   * replaced.
   *
   * @throws IllegalArgumentException when the card does not fit the model
   * @throws BadInput when the folder cannot be written, or exists and holds something else
   */
  public static void write(Path folder, SavedModel saved) {
    Model model = saved.model();
    ModelCard card = saved.card();
    headProblem(model.graph(), card)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException("the card " + problem);
            });
    WholeFiles.writeFolder(
        folder,
        CARD,
        inside -> {
          WholeFiles.writeNew(
              inside.resolve(GRAPH), out -> out.write(GraphJson.bytes(model.graph())));
          WholeFiles.writeNew(
              inside.resolve(WEIGHTS), out -> Safetensors.write(out, model.weights()));
          if (saved.masked().isPresent()) {
            MaskedWeights masked = saved.masked().get();
            writeTensors(inside.resolve(MASKS), masked.masks());
            writeTensors(inside.resolve(ORIGINALS), masked.originals());
          }
          WholeFiles.writeNew(inside.resolve(CARD), out -> out.write(bytes(card)));
        });
  }

  /**
   * Removes what writers that were killed left unfinished beside the models of a folder. Only for a
   * folder in which nobody writes at the moment.
   *
   * @param parent the folder of model folders; it need not exist
   * @throws BadInput when something cannot be removed
   */
  public static void removeUnfinished(Path parent) {
    WholeFiles.removeUnfinished(parent);
  }

  private static void writeTensors(Path file, Map<String, Tensor> tensors) throws IOException {
    WholeFiles.writeNew(file, out -> Safetensors.write(out, new Weights(tensors)));
  }

  private static Optional<String> headProblem(ModelGraph graph, ModelCard card) {
    List<Integer> classes = card.headClasses();
    if (graph.outputs().size() > 1) {
      return classes.isEmpty()
          ? Optional.empty()
          : Optional.of(
              "names the classes "
                  + classes
                  + ", but the network has several outputs, none of which is its classifier");
    }
    Shape output = graph.shape(graph.output());
    if (classes.size() != output.channels() || new HashSet<>(classes).size() != classes.size()) {
      return Optional.of(
          "names the classes "
              + classes
              + ", but the network has "
              + output.channels()
              + " outputs, each of a class of its own");
    }
    return Optional.empty();
  }

  private static byte[] bytes(ModelCard card) throws IOException {
    ObjectNode document =
        JsonFiles.mapper()
            .createObjectNode()
            .put("version", card.version())
            .put("network", card.network());
    ArrayNode classes = document.putArray("headClasses");
    card.headClasses().forEach(classes::add);
    card.data().ifPresent(data -> document.put("data", data));
    ObjectNode made = document.putObject("made");
    card.made().forEach(made::put);
    return JsonFiles.bytes(document);
  }

  private static ModelCard readCard(Path file) {
    try (FileBytes bytes = FileBytes.open(file)) {
      return card(JsonFiles.read(bytes));
    } catch (IOException e) {
      throw Malformed.report(file, e);
    }
  }

  private static ModelCard card(JsonNode document) throws Malformed {
    JsonFields fields = new JsonFields("the card", document);
    GraphJson.expectVersion(fields, ModelCard.VERSION);
    SortedMap<String, String> made = new TreeMap<>();
    JsonFields makers = new JsonFields("made", fields.value("made"));
    for (Map.Entry<String, JsonNode> entry : fields.value("made").properties()) {
      made.put(entry.getKey(), makers.text(entry.getKey()));
    }
    ModelCard card =
        new ModelCard(
            fields.integer("version", 1, ModelCard.VERSION),
            fields.text("network"),
            fields.integers("headClasses", 0, Integer.MAX_VALUE),
            fields.has("data") ? Optional.of(fields.text("data")) : Optional.empty(),
            made);
    fields.expectNoMore();
    return card;
  }
}
