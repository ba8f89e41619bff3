package io.prunegrid.pipeline;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Heads;
import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Need;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.Sight;
import io.prunegrid.data.DataSource;
import io.prunegrid.data.Datasets;
import io.prunegrid.data.Part;
import io.prunegrid.data.Samples;
import io.prunegrid.data.Subsets;
import io.prunegrid.graph.Model;
import io.prunegrid.runtime.Engine;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * One network with weights and the images it is looked at with: what commands for a single model
 * begin with. For one thread.
 */
public final class Workbench {
  private final LoadedModel model;
  private final boolean named;
  private Optional<DataSource> data;

  private Workbench(LoadedModel model, Optional<DataSource> data) {
    this.model = model;
    this.named = data.isPresent();
    this.data = data;
  }

  /**
   * Opens the data and loads the network. Where no data are named, those that a model folder was
   * made with stand in, and are opened when they are needed.
   *
   * @param spec what a person wrote to name the data
   * @throws BadInput where either cannot be used
   */
  public static Workbench open(ModelConfig config, Optional<String> spec) {
    Optional<DataSource> named = spec.map(Datasets::open);
    return new Workbench(ModelLoader.load(config, named.map(DataShape::of)), named);
  }

  public LoadedModel model() {
    return model;
  }

  /** The same images under a network that began as this one. */
  Workbench with(Model changed) {
    LoadedModel other =
        new LoadedModel(
            changed, model.network(), model.headClasses(), model.data(), model.weightsHash());
    return new Workbench(other, data);
  }

  /** Whether data are named, here or in the model folder. */
  public boolean hasData() {
    return data.isPresent() || model.data().isPresent();
  }

  /** Whether data are named here. */
  public boolean hasNamedData() {
    return named;
  }

  /**
   * The data.
   *
   * @throws BadInput where none are named, or they cannot be used
   */
  public DataSource data() {
    if (data.isEmpty()) {
      String spec =
          model
              .data()
              .orElseThrow(
                  () -> new BadInput("images are needed; name data, as in --data fashion"));
      data = Optional.of(Datasets.open(spec));
    }
    return data.get();
  }

  /**
   * Classes by index, or by name where there are data.
   *
   * @param text for instance {@code 0,1,8,9}; {@code all} or nothing for the classes the head has
   * @return original class indices in the order written
   * @throws BadInput for a class that the data or the head do not have, and where the network
   *     classifies nothing
   */
  public List<Integer> classes(Optional<String> text) {
    Heads.requireClassifier(model.network(), model.model().graph());
    List<Integer> head = model.headClasses();
    int largest = head.stream().mapToInt(Integer::intValue).max().orElseThrow();
    List<String> names =
        hasData()
            ? data().classNames()
            : IntStream.rangeClosed(0, largest).mapToObj(String::valueOf).toList();
    List<Integer> classes = text.map(s -> Subsets.parse(s, names)).orElse(List.of());
    if (classes.isEmpty()) {
      return head.stream().filter(label -> label < names.size()).toList();
    }
    model.requireInHead(classes);
    return classes;
  }

  /**
   * Images of these classes in file order, each target an output of the network as it is.
   *
   * @throws BadInput where there are no data, or they do not fit the network
   */
  public Samples images(Part part, List<Integer> classes) {
    return model.samplesOf(data().part(part)).ofClasses(classes);
  }

  /**
   * Images of these classes in file order, each target a position in the list: what a head reduced
   * to them sees.
   *
   * @throws BadInput where there are no data, or they do not fit the network
   */
  public Samples imagesForReducedHead(Part part, List<Integer> classes) {
    model.requireImages(data().imageShape());
    return Samples.all(data().part(part)).remapped(classes);
  }

  /**
   * The first images.
   *
   * @param perClass so many of each class; 0 for no such limit
   * @param all so many of what that leaves; 0 for no such limit
   * @throws BadInput where no image is left
   */
  public static Samples first(Samples samples, int perClass, int all) {
    Samples each = perClass > 0 ? samples.firstPerClass(perClass) : samples;
    Samples first = all > 0 ? each.first(all) : each;
    if (first.isEmpty()) {
      throw new BadInput("the data hold no image of the selected classes");
    }
    return first;
  }

  private Samples seen(MethodConfig method, ScoringView view, Part part) {
    return first(view.images(data().part(part)), method.samplesPerClass(), method.samples());
  }

  /** The share of the images that a method sees which the network classifies rightly. */
  double accuracy(
      MethodConfig method, Part part, Optional<String> subset, Supplier<Engine> engine) {
    CoupledChannels channels = CoupledChannels.of(model.model().graph());
    ScoringView view =
        new ScoringView(model, channels, classes(subset), Sight.of(method.parameters()));
    try (Engine opened = engine.get()) {
      return view.accuracy(opened, seen(method, view, part));
    }
  }

  /**
   * Scores the network as a cell does: with its whole head and on images of the classes, where the
   * criterion looks at any and is not told otherwise.
   *
   * @param channels the coupled channels of the network's graph
   * @param subset classes as {@link #classes} takes them
   * @param engine opened only where the criterion runs the network
   * @throws BadInput where there are no data although the criterion needs some
   */
  public Scores score(
      MethodConfig method,
      CoupledChannels channels,
      Part part,
      Optional<String> subset,
      long seed,
      Supplier<Engine> engine) {
    Criterion criterion = Criteria.named(method.name());
    boolean looks = criterion.needs().contains(Need.SAMPLES);
    List<Integer> classes = looks || subset.isPresent() ? classes(subset) : List.of();
    ScoringView view = new ScoringView(model, channels, classes, Sight.of(method.parameters()));
    Optional<Samples> images = looks ? Optional.of(seen(method, view, part)) : Optional.empty();
    if (!criterion.needs().contains(Need.ENGINE)) {
      return view.score(criterion, method.parameters(), images, Optional.empty(), seed);
    }
    try (Engine opened = engine.get()) {
      return view.score(criterion, method.parameters(), images, Optional.of(opened), seed);
    }
  }
}
