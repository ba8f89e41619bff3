package io.prunegrid.criterion;

import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Shape;
import io.prunegrid.runtime.Reading;
import io.prunegrid.runtime.Tap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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

  /** Added to each variance, as a share of the channel's own over all images. */
  private static final double FLOOR = 1e-6;

  Tvs() {
    super(
        "tvs",
        1,
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
        TapPoint.parameter(TapPoint.NORM));
    reduces();
    takesImages();
  }

  @Override
  public Collector collector(ScoringInput input) {
    return new Moments(input);
  }

  private static final class Moments implements Collector {
    private final ScoringInput input;
    private final Map<String, List<Tap>> taps = new LinkedHashMap<>();
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
          taps.computeIfAbsent(node.module(), module -> new ArrayList<>())
              .add(new Tap(place, axis, new Reading.Sum()));
          positions.merge(node.module(), (double) shape.size() / shape.dim(axis), Double::sum);
          moments.putIfAbsent(node.module(), new ClassMoments(shape.dim(axis)));
        }
      }
    }

    @Override
    public Set<Tap> taps() {
      Set<Tap> all = new LinkedHashSet<>();
      taps.values().forEach(all::addAll);
      return all;
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
