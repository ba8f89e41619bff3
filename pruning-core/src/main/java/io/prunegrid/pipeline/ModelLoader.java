package io.prunegrid.pipeline;

import io.prunegrid.channel.Heads;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.common.Sha256;
import io.prunegrid.common.WorkingFolder;
import io.prunegrid.format.Checkpoints;
import io.prunegrid.format.ModelFolder;
import io.prunegrid.format.SavedModel;
import io.prunegrid.format.onnx.OnnxImport;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Finds the network that a person names: a zoo name with a checkpoint, with {@code procedural}
 * weights or with none yet, a model folder, or an ONNX file.
 */
public final class ModelLoader {
  /** The word for weights that are generated from the parameters' names. */
  public static final String PROCEDURAL = "procedural";

  private static final String ONNX = ".onnx";

  private ModelLoader() {}

  /** Whether a name is a zoo network's without weights, which is to be trained from scratch. */
  public static boolean isTrainedFromScratch(ModelConfig config) {
    return Zoo.contains(config.name()) && config.weights().isEmpty();
  }

  /**
   * Loads a network that has weights. A zoo network has the published number of classes and image
   * size, except that the data's image shape comes before the published one, and what the
   * configuration says before both.
   *
   * @param data the images it will see, where there are any
   * @throws BadInput for an unknown name, a network without weights, a file that is missing, broken
   *     or another network's, and for a size that a model folder does not have
   */
  public static LoadedModel load(ModelConfig config, Optional<DataShape> data) {
    if (!Zoo.contains(config.name())) {
      return isOnnx(config) ? fromOnnx(config) : fromFolder(config);
    }
    if (config.weights().isEmpty()) {
      throw new BadInput(
          config.name()
              + " has no weights; allowed: a checkpoint file or "
              + PROCEDURAL
              + ", or a model folder or an ONNX file in place of "
              + config.name());
    }
    ModelGraph graph = zoo(config, data, publishedClasses(config));
    List<Integer> head = head(graph);
    String weights = config.weights().get();
    if (weights.equals(PROCEDURAL)) {
      Model model = new Model(graph, Procedural.weights(graph));
      return new LoadedModel(
          model, config.name(), head, Optional.empty(), model.weights().contentHash());
    }
    Path file = path("weights", weights);
    if (!Files.isRegularFile(file)) {
      throw new BadInput(
          "weights file "
              + weights
              + (Files.exists(file) ? " is no regular file" : " does not exist"));
    }
    Model model =
        Model.bind(graph, Zoo.withoutAuxiliary(config.name(), Checkpoints.read(file)), weights);
    return new LoadedModel(model, config.name(), head, Optional.empty(), hash(file));
  }

  /**
   * The structure alone, weights or none: as {@link #load} where there are weights, else a zoo
   * network of the size that {@link #load} gives it.
   *
   * @throws BadInput as {@link #load} does
   */
  public static ModelGraph structure(ModelConfig config, Optional<DataShape> data) {
    return isTrainedFromScratch(config)
        ? zoo(config, data, publishedClasses(config))
        : load(config, data).model().graph();
  }

  private static int publishedClasses(ModelConfig config) {
    return config.classes().orElse(Zoo.publishedSize(config.name()).classes());
  }

  /**
   * The graph of a zoo network that is to be trained: the data's image shape and classes, unless
   * the configuration says otherwise.
   *
   * @throws BadInput for an unknown name or a size the network cannot have
   */
  public static ModelGraph untrained(ModelConfig config, DataShape data) {
    if (!isTrainedFromScratch(config)) {
      throw new IllegalArgumentException(config + " brings weights");
    }
    int classes = config.classes().orElse(data.classes());
    if (classes < data.classes()) {
      throw new BadInput(
          config.name()
              + " cannot be trained with "
              + classes
              + " classes: the data have "
              + data.classes());
    }
    ModelGraph graph = zoo(config, Optional.of(data), classes);
    Heads.requireClassifier(config.name(), graph);
    if (!graph.input().equals(data.image())) {
      throw new BadInput(
          config.name()
              + " cannot be trained at "
              + graph.input()
              + ": the images have the shape "
              + data.image());
    }
    return graph;
  }

  private static ModelGraph zoo(ModelConfig config, Optional<DataShape> data, int classes) {
    NetworkSize size = Zoo.publishedSize(config.name()).withClasses(classes);
    if (data.isPresent()) {
      size = size.withImages(data.get().image());
    }
    if (config.resolution().isPresent()) {
      size = size.withResolution(config.resolution().getAsInt());
    }
    return Zoo.build(config.name(), size);
  }

  private static LoadedModel fromFolder(ModelConfig config) {
    Path folder = path("model", config.name());
    if (!Files.isDirectory(folder)) {
      boolean looksLikePath = config.name().contains("/") || config.name().contains(File.separator);
      throw new BadInput(
          looksLikePath
              ? "model folder " + config.name() + " does not exist"
              : Names.unknown("model", config.name(), Zoo.names())
                  + ", or a model folder or an ONNX file");
    }
    SavedModel saved = ModelFolder.read(folder);
    refuseOthers("model folder " + config.name(), config, saved.model().graph());
    return new LoadedModel(
        saved.model(),
        saved.card().network(),
        saved.card().headClasses(),
        saved.card().data(),
        saved.model().weights().contentHash(),
        saved.masked());
  }

  private static boolean isOnnx(ModelConfig config) {
    return config.name().toLowerCase(Locale.ROOT).endsWith(ONNX)
        || Files.isRegularFile(path("model", config.name()));
  }

  private static LoadedModel fromOnnx(ModelConfig config) {
    Path file = path("model", config.name());
    Model model = OnnxImport.read(file);
    refuseOthers("ONNX file " + config.name(), config, model.graph());
    String name = file.getFileName().toString();
    boolean named = name.length() > ONNX.length() && name.toLowerCase(Locale.ROOT).endsWith(ONNX);
    return new LoadedModel(
        model,
        named ? name.substring(0, name.length() - ONNX.length()) : name,
        head(model.graph()),
        Optional.empty(),
        hash(file));
  }

  /** Classes in order; of a network with several outputs, none. */
  private static List<Integer> head(ModelGraph graph) {
    return graph.outputs().size() > 1
        ? List.of()
        : IntStream.range(0, Heads.outputs(graph)).boxed().toList();
  }

  /** Refuses what a network that brings its own weights cannot be given. */
  private static void refuseOthers(String source, ModelConfig config, ModelGraph graph) {
    List<String> problems = new ArrayList<>();
    config
        .weights()
        .ifPresent(
            weights -> problems.add(source + " brings its own weights; leave " + weights + " out"));
    if (graph.outputs().size() == 1) {
      refuseOther(problems, source, "outputs", config.classes(), Heads.outputs(graph));
    }
    if (graph.input().rank() == 3) {
      refuseOther(
          problems,
          source,
          "rows and columns of pixels",
          config.resolution(),
          graph.input().dim(2));
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }

  private static void refuseOther(
      List<String> problems, String source, String what, OptionalInt asked, int found) {
    if (asked.isPresent() && asked.getAsInt() != found) {
      problems.add(source + " has " + found + " " + what + ", not " + asked.getAsInt());
    }
  }

  private static Path path(String what, String text) {
    try {
      return WorkingFolder.path(text);
    } catch (InvalidPathException e) {
      throw new BadInput(what + " '" + text + "' is not a path", e);
    }
  }

  private static String hash(Path file) {
    try {
      return Sha256.of(file);
    } catch (IOException e) {
      throw new BadInput("weights file " + file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
