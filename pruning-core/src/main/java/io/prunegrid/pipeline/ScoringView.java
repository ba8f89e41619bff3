package io.prunegrid.pipeline;

import io.prunegrid.channel.ChannelClass;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Heads;
import io.prunegrid.channel.Side;
import io.prunegrid.channel.Site;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.Scores.ClassScores;
import io.prunegrid.criterion.Scores.RankScores;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.criterion.ScoringInput;
import io.prunegrid.criterion.ScoringPass;
import io.prunegrid.criterion.Sight;
import io.prunegrid.data.Dataset;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Tensor;
import io.prunegrid.measure.Evaluator;
import io.prunegrid.runtime.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * The network and the images as a criterion sees them, and what it finds in terms of the network as
 * it is.
 */
final class ScoringView {
  private final LoadedModel base;
  private final LoadedModel shown;
  private final CoupledChannels channels;
  private final List<Integer> classes;
  private final Sight sight;

  /**
   * Looks at a network.
   *
   * @param channels the coupled channels of the network's graph
   * @param classes original classes of the subset, in order
   * @throws io.prunegrid.common.BadInput where the head is to be reduced and cannot be
   */
  ScoringView(LoadedModel base, CoupledChannels channels, List<Integer> classes, Sight sight) {
    this.base = base;
    this.channels = channels;
    this.classes = classes;
    this.sight = sight;
    this.shown = sight.head() == Sight.Head.SUBSET ? base.reducedTo(classes) : base;
  }

  /** The images that a criterion may see, each target an output of the network that it sees. */
  Samples images(Dataset data) {
    if (sight.head() == Sight.Head.SUBSET) {
      base.requireImages(data.imageShape());
      return Samples.all(data).remapped(classes);
    }
    Samples all = base.samplesOf(data);
    return sight.images() == Sight.Images.ALL ? all : all.ofClasses(classes);
  }

  /** What a criterion finds. */
  Scores score(
      Criterion criterion,
      SortedMap<String, String> parameters,
      Optional<Samples> images,
      Optional<Engine> engine,
      long seed) {
    CoupledChannels seen = shownChannels();
    Scores found =
        criterion.score(new ScoringInput(shown.model(), seen, parameters, images, engine, seed));
    return isWhole() ? found : translated(found, seen);
  }

  /**
   * A criterion that looks at images beside others.
   *
   * @param parameters as {@link Criterion#resolve} gives them
   * @param seed the cell's
   */
  record Viewer(Criterion criterion, SortedMap<String, String> parameters, long seed) {}

  /** What several criteria find in one pass over the images; each is worked out when asked for. */
  List<Supplier<Scores>> look(List<Viewer> viewers, Samples images, Engine engine) {
    CoupledChannels seen = shownChannels();
    List<ScoringPass.Work> work = new ArrayList<>();
    for (Viewer each : viewers) {
      work.add(
          new ScoringPass.Work(
              each.criterion(),
              new ScoringInput(
                  shown.model(),
                  seen,
                  each.parameters(),
                  Optional.of(images),
                  Optional.of(engine),
                  each.seed())));
    }
    List<Supplier<Scores>> found = new ArrayList<>();
    for (Supplier<Scores> scores : ScoringPass.look(work)) {
      found.add(() -> isWhole() ? scores.get() : translated(scores.get(), seen));
    }
    return found;
  }

  private boolean isWhole() {
    return shown.headClasses().equals(base.headClasses());
  }

  private CoupledChannels shownChannels() {
    return isWhole() ? channels : CoupledChannels.of(shown.model().graph(), channels.attention());
  }

  /** The share of images that the network as the criterion sees it classifies rightly. */
  double accuracy(Engine engine, Samples images) {
    return Evaluator.evaluate(engine, shown.model(), images).top1Percent() / 100;
  }

  /** Layers keep their names; classes get the whole network's ids, and its head has no score. */
  private Scores translated(Scores found, CoupledChannels seen) {
    if (found instanceof ClassScores scores) {
      double[][] reduced = scores.byChannel();
      double[][] values = new double[channels.classes().size()][];
      Arrays.fill(values, new double[] {Double.NaN});
      for (ChannelClass each : channels.classes()) {
        twin(each, seen, id -> values[each.id()] = reduced[id]);
      }
      return new ClassScores(values);
    } else if (found instanceof RankScores scores) {
      int[][] reduced = scores.toArray();
      int[][] counts = new int[channels.classes().size()][0];
      for (ChannelClass each : channels.classes()) {
        twin(each, seen, id -> counts[each.id()] = reduced[id]);
      }
      return new RankScores(counts);
    } else if (found instanceof WeightScores scores) {
      return new WeightScores(wholeHead(scores.parameters()));
    }
    return found;
  }

  /** The same class in the network with the reduced head; none for the head's own outputs. */
  private void twin(ChannelClass each, CoupledChannels seen, IntConsumer action) {
    String head = Heads.layer(channels.graph()).module();
    for (Site site : each.sites()) {
      if (site.side() == Side.OUT && !site.layer().equals(head)) {
        action.accept(seen.outClasses(site.layer())[site.positions()[0]]);
        return;
      }
    }
  }

  /** Rows of the head that were not there did nothing, so that they score zero. */
  private Map<String, Tensor> wholeHead(Map<String, Tensor> reduced) {
    Map<String, Tensor> scores = new LinkedHashMap<>(reduced);
    for (String name : Heads.parameters(channels.graph())) {
      if (scores.containsKey(name)) {
        Tensor rows = scores.get(name);
        Tensor whole = base.model().weights().get(name);
        float[] values = new float[whole.size()];
        int width = whole.size() / whole.shape().dim(0);
        for (int i = 0; i < classes.size(); i++) {
          int row = base.headClasses().indexOf(classes.get(i));
          for (int column = 0; column < width; column++) {
            values[row * width + column] = rows.at(i * width + column);
          }
        }
        scores.put(name, Tensor.wrap(whole.shape(), values));
      }
    }
    return scores;
  }
}
