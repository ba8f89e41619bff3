package io.prunegrid.criterion;

import io.prunegrid.graph.Filters;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.Reading;
import io.prunegrid.runtime.Tap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Each weight's size times the norm of what it multiplies, {@code |w_ij| ||x_j||}, over the
 * positions and images (Sun et al. 2024, A Simple and Effective Pruning Approach for Large Language
 * Models). For convolutions {@code x_j} is the input channel. Convolutions and linear layers.
 */
final class UnstructuredActivation extends WeightCriterion implements ImageCriterion {
  UnstructuredActivation() {
    super(
        "unstructured-activation",
        1,
        "size of each single weight times the norm of its input; masks weights",
        Need.SAMPLES,
        Need.ENGINE,
        Need.TAPS);
    takesRanking();
    takesImages();
  }

  @Override
  List<Place> places(ModelGraph graph, Map<String, String> parameters) {
    return super.places(graph, parameters).stream()
        .filter(place -> Layers.isProducer(place.layer().op()))
        .toList();
  }

  @Override
  public Collector collector(ScoringInput input) {
    return new InputNorms(input);
  }

  private final class InputNorms implements Collector {
    private final ScoringInput input;
    private final LayerTaps taps = new LayerTaps();
    private final Map<String, double[]> squares = new LinkedHashMap<>();

    InputNorms(ScoringInput input) {
      this.input = input;
      ModelGraph graph = input.model().graph();
      for (Node node : graph.nodes()) {
        if (Layers.isProducer(node.op())) {
          Shape read = graph.inputShape(node, 0);
          int axis = node.op() instanceof Op.Linear ? read.rank() - 1 : 0;
          taps.add(node.module(), new Tap(node.inputs().get(0), axis, new Reading.SquareSum()));
          squares.putIfAbsent(node.module(), new double[read.dim(axis)]);
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
            double[] sum = squares.get(module);
            for (Tap place : places) {
              float[] read = batch.of(place);
              for (int i = 0; i < read.length; i++) {
                sum[i % sum.length] += read[i];
              }
            }
          });
    }

    @Override
    public Scores scores(Seen seen) {
      return ranked(
          input,
          (place, block) -> {
            Tensor weights = input.model().weights().get(place.name());
            double[] sum = squares.get(place.layer().module());
            Filters filters = Filters.of(place.layer().op(), weights.shape());
            double[] values = new double[weights.size()];
            for (int i = 0; i < values.length; i++) {
              double square = sum[filters.inputOf(i)] / seen.images();
              values[i] = Math.abs(weights.at(i)) * Math.sqrt(square);
            }
            return values;
          });
    }
  }
}
