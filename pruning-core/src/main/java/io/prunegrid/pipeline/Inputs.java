package io.prunegrid.pipeline;

import io.prunegrid.channel.Counts;
import io.prunegrid.common.Sha256;
import io.prunegrid.data.DataSource;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Part;
import io.prunegrid.data.Samples;
import io.prunegrid.format.GraphJson;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.train.TrainingConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * The data sets and networks that cells name, opened once for a whole process. Safe for any number
 * of threads.
 */
public final class Inputs {
  private final Map<String, DataSource> data = new ConcurrentHashMap<>();
  private final Map<String, InputHashes> hashes = new ConcurrentHashMap<>();
  private final Map<String, Structure> structures = new ConcurrentHashMap<>();
  private final Map<String, int[]> counts = new ConcurrentHashMap<>();

  /**
   * The cell's data set.
   *
   * @throws io.prunegrid.common.BadInput where it cannot be read
   */
  DataSource data(CellConfig cell) {
    return data.computeIfAbsent(cell.data(), Datasets::open);
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
    LoadedModel loaded = ModelLoader.load(cell.model(), Optional.of(shape(cell)));
    loaded.requireImages(data(cell).imageShape());
    return loaded;
  }

  /** The structure of a network that is trained from scratch. */
  ModelGraph graph(CellConfig cell) {
    return ModelLoader.untrained(cell.model(), shape(cell));
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

  /**
   * What the cell's inputs contain.
   *
   * @throws io.prunegrid.common.BadInput where they cannot be read
   */
  public InputHashes hashes(CellConfig cell) {
    return hashes.computeIfAbsent(cell.model() + " on " + cell.data(), name -> hash(cell));
  }

  private InputHashes hash(CellConfig cell) {
    DataSource source = data(cell);
    String content = Sha256.of(source.train().contentHash() + source.test().contentHash());
    if (isTrained(cell)) {
      return new InputHashes(network(graph(cell)), Optional.empty(), content);
    }
    LoadedModel loaded = load(cell);
    return new InputHashes(
        Sha256.of(network(loaded.model().graph()) + loaded.headClasses()),
        Optional.of(loaded.weightsHash()),
        content);
  }

  /** How much work the cell's steps are, its network taken as unpruned. */
  public CellWork work(CellConfig cell) {
    Structure structure =
        structures.computeIfAbsent(cell.model() + " on " + cell.data(), name -> structure(cell));
    int[] train = counts(cell, Part.TRAIN);
    int[] test = counts(cell, Part.TEST);
    List<Integer> classes =
        cell.subset().isAll()
            ? structure.headClasses().stream().filter(label -> label < train.length).toList()
            : cell.subset().classes();
    int perClass =
        cell.method().samplesPerClass() > 0 ? cell.method().samplesPerClass() : Integer.MAX_VALUE;
    long scored = classes.stream().mapToLong(label -> Math.min(train[label], perClass)).sum();
    return new CellWork(
        structure.macs(),
        isTrained(cell)
            ? training(cell.training(), IntStream.of(train).asLongStream().sum())
            : CellWork.Training.NONE,
        limited(scored, cell.method().samples()),
        classes.stream().mapToLong(label -> test[label]).sum(),
        training(cell.retrain(), classes.stream().mapToLong(label -> train[label]).sum()));
  }

  /** What a plan must know of a network. */
  private record Structure(long macs, List<Integer> headClasses) {}

  private Structure structure(CellConfig cell) {
    if (!isTrained(cell)) {
      LoadedModel loaded = load(cell);
      return new Structure(Counts.of(loaded.model().graph()).macs(), loaded.headClasses());
    }
    int classes = data(cell).classNames().size();
    return new Structure(
        Counts.of(graph(cell)).macs(), IntStream.range(0, classes).boxed().toList());
  }

  /** Images of each class. */
  private int[] counts(CellConfig cell, Part part) {
    return counts.computeIfAbsent(
        part + " of " + cell.data(), name -> Samples.all(data(cell).part(part)).countsPerClass());
  }

  private static CellWork.Training training(TrainingConfig config, long images) {
    long used = limited(images, config.samples());
    long validating = Math.round(Math.rint(used * config.validation()));
    return new CellWork.Training(
        config.epochs() * (used - validating),
        config.epochs() * validating,
        validating > 0 && config.patience() > 0
            ? CellWork.Stop.PERHAPS_EARLY
            : CellWork.Stop.AFTER_ALL_EPOCHS);
  }

  private static long limited(long images, int limit) {
    return limit == 0 ? images : Math.min(images, limit);
  }

  private DataShape shape(CellConfig cell) {
    return DataShape.of(data(cell));
  }

  /** What identifies a structure. */
  static String network(ModelGraph graph) {
    return Sha256.of(GraphJson.encode(graph));
  }
}
