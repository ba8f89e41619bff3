package io.prunegrid.criterion;

import io.prunegrid.channel.Bundle;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.Site;
import io.prunegrid.criterion.HighestRanks.Memory;
import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.criterion.Parameter.Decimal;
import io.prunegrid.criterion.Parameter.NumberedChoice;
import io.prunegrid.criterion.Parameter.Numbers;
import io.prunegrid.criterion.Scores.ClassScores;
import io.prunegrid.criterion.Scores.RankScores;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.runtime.Reading;
import io.prunegrid.runtime.Tap;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps a channel if any image needs it (OCAP, as the class-aware benchmark runs it): for each
 * image the channels of a bundle are ranked by {@code sqrt(sum f(a)^2)} over positions behind the
 * batch norm, with {@code f} an activation function; a channel goes where it is among the k lowest
 * of every image, so that fewer go than the ratio asks, and none is ever left without. Its score is
 * the highest rank it had. In the frequency variant a channel's score is the number of images that
 * keep it, and exactly k go. A class of coupled channels has the mean length over the layers that
 * produce it.
 */
final class Ocap extends Described implements ImageCriterion {
  private static final String KEEP = "keep";
  private static final String ACTIVATION = "activation";
  private static final String SLOPE = "slope";
  private static final String IMAGES = "images";

  Ocap() {
    super(
        "ocap",
        3,
        "keeps what any image of the wanted classes needs: highest rank over the images",
        Need.SAMPLES,
        Need.ENGINE,
        Need.TAPS);
    takes(
        new Choice(
            KEEP,
            "any",
            List.of("any", "frequency"),
            "channels that any image keeps stay, or those that most images keep"),
        new Choice(
            ACTIVATION,
            "leaky-relu",
            List.of("leaky-relu", "relu", "sigmoid", "tanh", "identity"),
            "function of the values before their length is taken"),
        new Decimal(
            SLOPE,
            "0.01",
            0,
            Double.POSITIVE_INFINITY,
            Numbers.ALL,
            "slope of leaky-relu below zero"),
        new NumberedChoice(
            IMAGES,
            "all",
            List.of("all"),
            "first",
            1,
            Integer.MAX_VALUE,
            Numbers.WHOLE,
            "how many images have a say; the reference looks at its first 128"),
        TapPoint.parameter(TapPoint.NORM));
    takesImages();
  }

  @Override
  public Selection.Rule rule(Map<String, String> parameters) {
    return isFrequency(parameters) ? Selection.Rule.LOWEST : Selection.Rule.RANKS;
  }

  @Override
  public boolean ranksByRatio(Map<String, String> parameters) {
    return isFrequency(parameters);
  }

  private static boolean isFrequency(Map<String, String> parameters) {
    return parameters.get(KEEP).equals("frequency");
  }

  private static int limit(Map<String, String> parameters) {
    String images = parameters.get(IMAGES);
    return images.equals("all") ? Integer.MAX_VALUE : Integer.parseInt(images.substring(6));
  }

  @Override
  public long imagesShown(Map<String, String> parameters, long available) {
    return Math.min(available, limit(parameters));
  }

  /** A pass that others make longer would end in another batch. */
  @Override
  public Optional<PassKind> pass(Map<String, String> parameters) {
    String images = parameters.get(IMAGES);
    return Optional.of(new PassKind(PassKind.Computed.FORWARD, images.equals("all") ? "" : images));
  }

  @Override
  public double[] classScores(Scores scores, Ranking ranking) {
    if (scores instanceof ClassScores highest) {
      double[] values = highest.toArray();
      return ClassReductions.prunable(ranking.channels(), ranking.config(), id -> values[id]);
    }
    RankScores ranks = (RankScores) scores;
    double[] kept = new double[ranking.channels().classes().size()];
    Arrays.fill(kept, Double.NaN);
    for (Bundle bundle : ranking.channels().bundles(ranking.config())) {
      long share =
          Selection.share(
              bundle.classes().size(),
              ranking.ratio().applyAsDouble(bundle),
              ranking.config().rounding());
      int lowest = (int) Math.min(share, bundle.classes().size() - 1);
      bundle.classes().forEach(id -> kept[id] = ranks.above(id, lowest));
    }
    return kept;
  }

  @Override
  public Collector collector(ScoringInput input) {
    Reading.Activation function =
        Reading.Activation.valueOf(
            input.parameter(ACTIVATION).toUpperCase(Locale.ROOT).replace('-', '_'));
    return new Lengths(
        input,
        new Reading.Length(function, Double.parseDouble(input.parameter(SLOPE))),
        limit(input.parameters()),
        isFrequency(input.parameters()) ? Memory.COUNTS : Memory.HIGHEST);
  }

  private static final class Lengths implements Collector {
    private final CoupledChannels channels;
    private final LayerTaps taps = new LayerTaps();
    private final List<List<Site>> producers;
    private final HighestRanks ranks;
    private final Memory memory;
    private final int limit;
    private int left;

    Lengths(ScoringInput input, Reading reading, int images, Memory memory) {
      this.channels = input.channels();
      this.memory = memory;
      PlaceOrder order = new PlaceOrder(channels.graph());
      this.producers = channels.classes().stream().map(order::producers).toList();
      this.limit = images;
      this.left = images;
      ModelGraph graph = input.model().graph();
      for (Node node : graph.nodes()) {
        if (Layers.isProducer(node.op())) {
          String place = TapPoint.of(input).after(graph, node);
          taps.add(node.module(), new Tap(place, channels.axis(place), reading));
        }
      }
      List<List<Integer>> teams = channels.bundles().stream().map(Bundle::classes).toList();
      this.ranks = new HighestRanks(teams, channels.classes().size(), memory);
    }

    @Override
    public Set<Tap> taps() {
      return taps.all();
    }

    @Override
    public int limit() {
      return limit;
    }

    @Override
    public void add(Batch batch) {
      for (int image = 0; image < batch.size() && left > 0; image++, left--) {
        Map<String, double[]> lengths = lengths(batch, image);
        double[] values = new double[channels.classes().size()];
        for (int id = 0; id < values.length; id++) {
          values[id] = ClassReductions.over(lengths, producers.get(id), Reduction.MEAN);
        }
        ranks.add(values);
      }
    }

    private Map<String, double[]> lengths(Batch batch, int image) {
      Map<String, double[]> lengths = new LinkedHashMap<>();
      taps.forEach((layer, places) -> lengths.put(layer, lengths(batch, image, layer, places)));
      return lengths;
    }

    /** One image's lengths of a layer's channels, over all its uses. */
    private static double[] lengths(Batch batch, int image, String layer, List<Tap> places) {
      double[] squares = new double[batch.of(places.get(0)).length / batch.size()];
      for (Tap place : places) {
        float[] read = batch.of(place);
        for (int c = 0; c < squares.length; c++) {
          double length = read[image * squares.length + c];
          squares[c] += length * length;
        }
      }
      for (int c = 0; c < squares.length; c++) {
        squares[c] =
            Layers.requireFinite(Math.sqrt(squares[c]), "ocap", "channel " + c + " of " + layer);
      }
      return squares;
    }

    @Override
    public Scores scores(Seen seen) {
      return memory == Memory.COUNTS
          ? new RankScores(ranks.counts())
          : new ClassScores(ranks.highest());
    }
  }
}
