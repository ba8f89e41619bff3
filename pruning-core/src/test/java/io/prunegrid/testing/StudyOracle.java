package io.prunegrid.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.data.Dataset;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Samples;
import io.prunegrid.format.Checkpoints;
import io.prunegrid.graph.BatchNormFolding;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/** What the class-aware benchmark's own code recorded for one network. */
public final class StudyOracle {
  private static final Map<String, StudyOracle> KNOWN = new ConcurrentHashMap<>();

  private final String name;
  private final JsonNode document;
  private final Model model;

  private StudyOracle(String name, JsonNode document, Model model) {
    this.name = name;
    this.document = document;
    this.model = model;
  }

  /**
   * Reads a network's record; skips the test where the shared data is absent.
   *
   * @param name resnet20, cifarvgg or cifarvgg_folded
   */
  public static StudyOracle read(String name) {
    return KNOWN.computeIfAbsent(name, StudyOracle::load);
  }

  private static StudyOracle load(String name) {
    try (InputStream in =
        new GZIPInputStream(
            Files.newInputStream(Shared.require("oracle/criteria/" + name + ".json.gz")))) {
      return new StudyOracle(name, new ObjectMapper().readTree(in), model(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Model model(String name) {
    String network = name.replace("_folded", "");
    ModelGraph graph = Zoo.build(network, Zoo.publishedSize(network));
    if (name.equals("resnet20")) {
      return Model.bind(
          graph, Checkpoints.read(Shared.require("data/weights/resnet20-12fca82f.th")), name);
    }
    Model model = new Model(graph, Procedural.weights(graph));
    return name.equals(network) ? model : BatchNormFolding.fold(model);
  }

  /** The network that was scored; a folded one keeps the layer names of the unfolded. */
  public Model model() {
    return model;
  }

  public JsonNode document() {
    return document;
  }

  public JsonNode method(String method) {
    return document.at("/methods/" + method);
  }

  /** Our name of a layer of the record, which numbers a folded network's modules anew. */
  public String layer(String recorded) {
    if (!name.equals("cifarvgg_folded")) {
      return recorded;
    }
    return switch (recorded) {
      case "features.0" -> "features.0";
      case "features.2" -> "features.3";
      case "features.5" -> "features.7";
      case "features.7" -> "features.10";
      case "features.10" -> "features.14";
      case "features.12" -> "features.17";
      default -> throw new IllegalArgumentException(recorded);
    };
  }

  /** The record's name of a layer of ours. */
  public String recordedLayer(String ours) {
    if (!name.equals("cifarvgg_folded") || !ours.startsWith("features.")) {
      return ours;
    }
    for (JsonNode layer : document.get("layers")) {
      if (layer(layer.get(0).asText()).equals(ours)) {
        return layer.get(0).asText();
      }
    }
    throw new IllegalArgumentException(ours);
  }

  /** Names of the study's layers, our spelling, in its order, which is ours. */
  public Map<String, Integer> layers() {
    Map<String, Integer> layers = new LinkedHashMap<>();
    document.get("layers").forEach(l -> layers.put(layer(l.get(0).asText()), l.get(1).asInt()));
    return layers;
  }

  /**
   * A network in which the outputs of each of the study's layers are a bundle of their own: all
   * layers side by side, and one that reads them all.
   */
  public ModelGraph sideBySide() {
    GraphBuilder graph = new GraphBuilder(Shape.of(1, 1, 1));
    List<String> all = new ArrayList<>();
    layers()
        .forEach(
            (layer, width) -> all.add(graph.conv(layer, graph.input(), width, 1, 1, 0, Bias.NO)));
    String joined = graph.add("joined", new Op.Concat(), all.toArray(String[]::new));
    return graph.build(graph.conv("reader", joined, 1, 1, 1, 0, Bias.NO));
  }

  /** What one recorded run took out, by our names of layers, channels ascending. */
  public Map<String, Set<Integer>> selected(JsonNode selected) {
    Map<String, Set<Integer>> chosen = new LinkedHashMap<>();
    selected
        .properties()
        .forEach(
            entry -> {
              TreeSet<Integer> channels = new TreeSet<>();
              entry.getValue().forEach(channel -> channels.add(channel.asInt()));
              if (!channels.isEmpty()) {
                chosen.put(layer(entry.getKey()), channels);
              }
            });
    return chosen;
  }

  /** The 64 images that the study scored with. */
  public Samples images() {
    Dataset train = Datasets.open("cifar10:" + Shared.require("data/cifar10-jpeg")).train();
    JsonNode indices = document.get("image_indices");
    List<Integer> chosen =
        IntStream.range(0, indices.size()).mapToObj(i -> indices.get(i).asInt()).toList();
    return Samples.all(new Chosen(train, chosen));
  }

  /** Some records of a data set. */
  private record Chosen(Dataset all, List<Integer> indices) implements Dataset {
    @Override
    public String spec() {
      return all.spec();
    }

    @Override
    public int size() {
      return indices.size();
    }

    @Override
    public Shape imageShape() {
      return all.imageShape();
    }

    @Override
    public List<String> classNames() {
      return all.classNames();
    }

    @Override
    public int label(int index) {
      return all.label(indices.get(index));
    }

    @Override
    public void copyImage(int index, float[] to, int offset) {
      all.copyImage(indices.get(index), to, offset);
    }

    @Override
    public String contentHash() {
      throw new UnsupportedOperationException();
    }
  }
}
