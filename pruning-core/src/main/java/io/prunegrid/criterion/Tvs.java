package io.prunegrid.criterion;

import io.prunegrid.criterion.Parameter.Decimal;
import io.prunegrid.criterion.Parameter.Numbers;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Shape;
import io.prunegrid.runtime.Reading;
import io.prunegrid.runtime.Tap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How well a channel tells classes apart (Murti et al. 2023, TVSPrune): its output's mean over the
 * positions is taken to be normally distributed within each class, and the score is the least over
 * all pairs of classes of the Hellinger bound {@code 1 - sqrt(2 s t / (s^2 + t^2)) exp(-(m - n)^2 /
 * (4 (s^2 + t^2)))} of the total variation distance, with means {@code m, n} and deviations {@code
 * s, t}. Forward passes only.
 */
final class Tvs extends LayerCriterion implements ImageCriterion {
  private static final String PAIRS = "pairs";
  private static final String ACCURACY = "accuracy";
  private static final String BACK_OFF = "back-off";
  private static final String ROUNDS = "rounds";

  /** Added to each variance, as a share of the channel's own over all images. */
  private static final double FLOOR = 1e-6;

  Tvs() {
    super(
        "tvs",
        2,
        "how well each channel's output tells classes apart, on the images of the subset",
        Need.SAMPLES,
        Need.LABELS,
        Need.ENGINE,
        Need.TAPS);
    takes(
        new Parameter.Choice(
            PAIRS,
            "least",
            List.of("least", "mean"),
            "the score is the least over all pairs of classes, or their mean"),
        new Decimal(
            ACCURACY,
            "0",
            0,
            Math.nextUp(1.0),
            Numbers.ALL,
            "the share of the unpruned network's accuracy, on the images that it sees, that must be"
                + " left; the ratio is then the most that goes. 0 for no such limit"),
        new Decimal(
            BACK_OFF,
            "0.5",
            0.01,
            1,
            Numbers.ALL,
            "what a step that costs too much accuracy is multiplied by before it is tried again"),
        new Decimal(
            ROUNDS,
            "20",
            1,
            Double.POSITIVE_INFINITY,
            Numbers.WHOLE,
            "how many steps are tried with an accuracy to keep"),
        TapPoint.parameter(TapPoint.NORM));
    reduces();
    takesImages();
  }

  @Override
  public Optional<BackOff> backOff(Map<String, String> parameters) {
    double accuracy = Double.parseDouble(parameters.get(ACCURACY));
    return accuracy == 0
        ? Optional.empty()
        : Optional.of(
            new BackOff(
                accuracy,
                Double.parseDouble(parameters.get(BACK_OFF)),
                Integer.parseInt(parameters.get(ROUNDS))));
  }

  @Override
  public Collector collector(ScoringInput input) {
    return new Moments(input);
  }

  private static final class Moments implements Collector {
    private final ScoringInput input;
    private final LayerTaps taps = new LayerTaps();
    private final Map<String, Double> positions = new LinkedHashMap<>();
    private final Map<String, ClassMoments> moments = new LinkedHashMap<>();

    Moments(ScoringInput input) {
      this.input = input;
      ModelGraph graph = input.model().graph();
      TapPoint point = TapPoint.of(input);
      for (Node node : graph.nodes()) {
        if (Layers.isProducer(node.op())) {
          String place = point.after(graph, node);
          int axis = input.channels().axis(place);
          Shape shape = graph.shape(place);
          taps.add(node.module(), new Tap(place, axis, new Reading.Sum()));
          positions.merge(node.module(), (double) shape.size() / shape.dim(axis), Double::sum);
          moments.putIfAbsent(node.module(), new ClassMoments(shape.dim(axis)));
        }
      }
    }

    @Override
    public Set<Tap> taps() {
      return taps.all();
    }

    @Override
    public void add(Batch batch) {
      taps.forEach(
          (module, places) -> {
            ClassMoments own = moments.get(module);
            for (int image = 0; image < batch.size(); image++) {
              double[] means = new double[own.width()];
              for (Tap place : places) {
                float[] read = batch.of(place);
                for (int c = 0; c < means.length; c++) {
                  means[c] += read[image * means.length + c] / positions.get(module);
                }
              }
              own.add(batch.label(image), means);
            }
          });
    }

    @Override
    public LayerScores scores(Seen seen) {
      boolean least = input.parameter(PAIRS).equals("least");
      Map<String, double[]> scores = new LinkedHashMap<>();
      moments.forEach(
          (module, own) -> {
            double[] values = own.separability(least, FLOOR);
            for (int c = 0; c < values.length; c++) {
              Layers.requireFinite(values[c], "tvs", "channel " + c + " of " + module);
            }
            scores.put(module, values);
          });
      return new LayerScores(scores);
    }
  }
}
