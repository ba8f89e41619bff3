package io.prunegrid.pipeline;

import io.prunegrid.channel.Counts;
import io.prunegrid.common.Sha256;
import io.prunegrid.data.DataSource;
import io.prunegrid.data.Dataset;
import io.prunegrid.data.Datasets;
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
  private final Map<String, Long> macs = new ConcurrentHashMap<>();

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
    long each =
        macs.computeIfAbsent(
            cell.model() + " on " + cell.data(), name -> Counts.of(structure(cell)).macs());
    DataSource source = data(cell);
    List<Integer> classes = cell.subset().classes();
    long test = images(source.test(), classes);
    long train = images(source.train(), classes);
    long scored = train;
    if (cell.method().samplesPerClass() > 0) {
      long wanted = classes.isEmpty() ? source.classNames().size() : classes.size();
      scored = Math.min(scored, wanted * cell.method().samplesPerClass());
    }
    return new CellWork(
        each,
        isTrained(cell) ? trainingImages(cell.training(), source.train().size()) : 0,
        limited(scored, cell.method().samples()),
        test,
        trainingImages(cell.retrain(), train));
  }

  private ModelGraph structure(CellConfig cell) {
    return isTrained(cell) ? graph(cell) : load(cell).model().graph();
  }

  private static long trainingImages(TrainingConfig config, long images) {
    return config.epochs() * limited(images, config.samples());
  }

  private static long limited(long images, int limit) {
    return limit == 0 ? images : Math.min(images, limit);
  }

  private static long images(Dataset dataset, List<Integer> classes) {
    return classes.isEmpty() ? dataset.size() : Samples.all(dataset).ofClasses(classes).size();
  }

  private DataShape shape(CellConfig cell) {
    return DataShape.of(data(cell));
  }

  private static String network(ModelGraph graph) {
    return Sha256.of(GraphJson.encode(graph));
  }
}
