package io.prunegrid.pipeline;

import io.prunegrid.channel.Counts;
import io.prunegrid.common.Sha256;
import io.prunegrid.data.DataSource;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Fingerprint;
import io.prunegrid.data.Fingerprints;
import io.prunegrid.format.GraphJson;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * The data sets and networks that cells name, opened once for a whole process. Safe for any number
 * of threads.
 *
 * <p>Data whose files have not changed are not read to know what they contain; when a step reads
 * them after all, they are compared. Weights are read and hashed every time.
 */
public final class Inputs implements CellInputs {
  private final Fingerprints fingerprints;
  private final Map<String, DataSource> data = new ConcurrentHashMap<>();
  private final Map<String, Fingerprint> contents = new ConcurrentHashMap<>();
  private final Map<Named, NetworkInputs> networks = new ConcurrentHashMap<>();
  private final Map<Named, InputHashes> hashes = new ConcurrentHashMap<>();

  /** A network on a data set. */
  private record Named(ModelConfig model, String data) {}

  /** Remembers in the user's folder of caches what data contain. */
  public Inputs() {
    this(Fingerprints.ofUser());
  }

  public Inputs(Fingerprints fingerprints) {
    this.fingerprints = fingerprints;
  }

  /**
   * A data set, its headers read.
   *
   * @throws io.prunegrid.common.BadInput where it is absent or broken
   */
  public DataSource data(String spec) {
    return data.computeIfAbsent(
        spec, text -> new ComparedSource(Datasets.open(text), fingerprints, this::known));
  }

  private Optional<Fingerprint> known(DataSource source) {
    return Optional.ofNullable(contents.get(source.spec()));
  }

  @Override
  public Datasets.Look look(String spec) {
    DataSource source = data(spec);
    return new Datasets.Look(source.classNames(), source.imageShape());
  }

  /** Remembered or read. */
  @Override
  public Fingerprint content(String spec) {
    DataSource source = data(spec);
    return contents.computeIfAbsent(
        spec, text -> fingerprints.find(source).orElseGet(() -> fingerprints.read(source)));
  }

  /**
   * Reads a data set whole, whatever is remembered of it.
   *
   * @throws io.prunegrid.common.BadInput where a part is absent or broken
   */
  public void verify(String spec) {
    data.remove(spec);
    hashes.clear();
    contents.put(spec, fingerprints.read(Datasets.open(spec)));
  }

  @Override
  public NetworkInputs network(ModelConfig model, String spec) {
    return networks.computeIfAbsent(new Named(model, spec), name -> readNetwork(model, spec));
  }

  private NetworkInputs readNetwork(ModelConfig model, String spec) {
    DataShape shape = DataShape.of(data(spec));
    if (ModelLoader.isTrainedFromScratch(model)) {
      ModelGraph graph = ModelLoader.untrained(model, shape);
      List<Integer> classes = IntStream.range(0, shape.classes()).boxed().toList();
      return new NetworkInputs(
          graph, structure(graph), Optional.empty(), Counts.of(graph).macs(), classes);
    }
    LoadedModel loaded = load(model, spec);
    ModelGraph graph = loaded.model().graph();
    return new NetworkInputs(
        graph,
        Sha256.of(structure(graph) + loaded.headClasses()),
        Optional.of(loaded.weightsHash()),
        Counts.of(graph).macs(),
        loaded.headClasses());
  }

  /** What identifies a structure. */
  static String structure(ModelGraph graph) {
    return Sha256.of(GraphJson.encode(graph));
  }

  /** The cell's data set. */
  DataSource data(CellConfig cell) {
    return data(cell.data());
  }

  /** Whether the cell's base is trained from scratch. */
  static boolean isTrained(CellConfig cell) {
    return ModelLoader.isTrainedFromScratch(cell.model());
  }

  /**
   * The cell's network with the weights that were given.
   *
   * @throws io.prunegrid.common.BadInput where they cannot be used
   */
  LoadedModel load(CellConfig cell) {
    return load(cell.model(), cell.data());
  }

  private LoadedModel load(ModelConfig model, String spec) {
    DataSource source = data(spec);
    LoadedModel loaded = ModelLoader.load(model, Optional.of(DataShape.of(source)));
    loaded.requireImages(source.imageShape());
    return loaded;
  }

  /** The structure of a network that is trained from scratch. */
  ModelGraph graph(CellConfig cell) {
    return network(cell.model(), cell.data()).graph();
  }

  /** A trained network; its outputs are the data's classes. */
  LoadedModel trained(CellConfig cell, Model model) {
    int outputs = model.graph().shape(model.graph().output()).channels();
    return new LoadedModel(
        model,
        cell.model().name(),
        IntStream.range(0, outputs).boxed().toList(),
        Optional.of(cell.data()),
        "");
  }

  @Override
  public InputHashes hashes(CellConfig cell) {
    return hashes.computeIfAbsent(
        new Named(cell.model(), cell.data()), name -> CellInputs.super.hashes(cell));
  }
}
