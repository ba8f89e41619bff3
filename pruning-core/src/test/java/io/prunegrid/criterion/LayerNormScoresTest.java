package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.criterion.Scores.ClassScores;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Size2d;
import io.prunegrid.graph.Tensor;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.testing.SyntheticDataset;
import io.prunegrid.zoo.Procedural;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A layer norm over whole maps has a scale for every position of a channel. */
class LayerNormScoresTest {
  private static final int CHANNELS = 6;
  private static final int POSITIONS = 16;

  @Test
  void everyScaleOfAChannelCounts() {
    Model model = model();
    ScoringInput input =
        new ScoringInput(
            model,
            CoupledChannels.of(model.graph()),
            Criteria.named("group-magnitude").resolve(Map.of("reduction", "sum")),
            Optional.empty(),
            Optional.empty(),
            0);
    double[] classes = ((ClassScores) Criteria.named("group-magnitude").score(input)).toArray();
    int[] ids = input.channels().outClasses("filters");
    for (int c = 0; c < CHANNELS; c++) {
      double expected = 0;
      Tensor filters = model.weights().get("filters.weight");
      for (int i = 0; i < 18; i++) {
        expected += square(filters.at(c * 18 + i));
      }
      Tensor scales = model.weights().get("norm.weight");
      for (int i = 0; i < POSITIONS; i++) {
        expected += square(scales.at(c * POSITIONS + i));
      }
      Tensor readers = model.weights().get("head.weight");
      for (int row = 0; row < 3; row++) {
        expected += square(readers.at(row * CHANNELS + c));
      }
      assertThat(classes[ids[c]]).isCloseTo(expected, within(1e-9));
    }
  }

  @Test
  void everyMethodScoresTheChannels() {
    Model model = model();
    Samples images = Samples.all(new SyntheticDataset(model.graph().input(), 3, 2, 3));
    try (Engine engine = Engine.open(ComputeDevice.CPU)) {
      for (Criterion criterion : Criteria.all()) {
        if (criterion.needs().contains(Need.FILE)
            || criterion.name().equals("bn-scale")
            || criterion.unit() == Unit.WEIGHTS) {
          continue;
        }
        assertThat(ByHand.scores(engine, model, criterion.name(), images))
            .as(criterion.name())
            .doesNotContain(Double.NaN);
      }
    }
  }

  private static double square(double value) {
    return value * value;
  }

  private static Model model() {
    GraphBuilder g = new GraphBuilder(Shape.of(2, 4, 4));
    String filters = g.conv("filters", g.input(), CHANNELS, 3, 1, 1, Bias.NO);
    String norm =
        g.add("norm", new NormOp.LayerNorm(Shape.of(CHANNELS, 4, 4), 1e-5, true), filters);
    String pooled = g.add("pool", new Op.AdaptiveAvgPool2d(Size2d.ONE), g.relu("relu", norm));
    ModelGraph graph = g.build(g.linear("head", g.flatten("flatten", pooled), 3));
    return new Model(graph, Procedural.weights(graph));
  }
}
