package io.prunegrid.criterion;

import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.runtime.Reading;
import io.prunegrid.runtime.Tap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The mean over images of one reading of every layer, summed in double, in image order. A module
 * that is used in several places has an output in each, and its readings are added before anything
 * is done with them.
 */
final class TapMeans implements Collector {
  private final String criterion;
  private final Sizes sizes;
  private final LayerTaps taps = new LayerTaps();
  private final Map<String, double[]> sums = new LinkedHashMap<>();
  private final Map<String, Double> factors = new LinkedHashMap<>();

  /** What an image's reading counts. */
  enum Sizes {
    AS_READ,
    ABSOLUTE
  }

  /** Over what positions a reading is taken. */
  enum Over {
    SUM,
    MEAN;

    static final String NAME = "over";

    static Parameter parameter() {
      return new Parameter.Choice(
          NAME, "sum", List.of("sum", "mean"), "positions of a channel are summed, or averaged");
    }

    static Over of(ScoringInput input) {
      return input.parameter(NAME).equals("mean") ? MEAN : SUM;
    }
  }

  TapMeans(
      String criterion,
      ScoringInput input,
      TapPoint point,
      Reading reading,
      Sizes sizes,
      Over over) {
    this.criterion = criterion;
    this.sizes = sizes;
    ModelGraph graph = input.model().graph();
    for (Node node : graph.nodes()) {
      if (Layers.isProducer(node.op())) {
        String place = point.after(graph, node);
        int axis = input.channels().axis(place);
        taps.add(node.module(), new Tap(place, axis, reading));
        int width = graph.shape(place).dim(axis);
        sums.put(node.module(), new double[width]);
        factors.merge(
            node.module(),
            over == Over.MEAN ? (double) graph.shape(place).size() / width : 1.0,
            Double::sum);
      }
    }
    taps.forEach(
        (module, places) -> factors.compute(module, (m, all) -> over == Over.MEAN ? 1 / all : 1));
  }

  @Override
  public Set<Tap> taps() {
    return taps.all();
  }

  @Override
  public void add(Batch batch) {
    taps.forEach(
        (module, places) -> {
          double[] sum = sums.get(module);
          double[] values = new double[batch.size() * sum.length];
          for (Tap place : places) {
            float[] more = batch.of(place);
            for (int i = 0; i < values.length; i++) {
              values[i] += more[i];
            }
          }
          for (int i = 0; i < values.length; i++) {
            sum[i % sum.length] += sizes == Sizes.ABSOLUTE ? Math.abs(values[i]) : values[i];
          }
        });
  }

  @Override
  public LayerScores scores(Seen seen) {
    Map<String, double[]> means = new LinkedHashMap<>();
    sums.forEach(
        (module, sum) -> {
          double[] mean = new double[sum.length];
          for (int channel = 0; channel < mean.length; channel++) {
            mean[channel] =
                Layers.requireFinite(
                    factors.get(module) * sum[channel] / seen.images(),
                    criterion,
                    "channel " + channel + " of " + module);
          }
          means.put(module, mean);
        });
    return new LayerScores(means);
  }
}
