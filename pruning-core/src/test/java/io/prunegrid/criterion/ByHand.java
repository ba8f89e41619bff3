package io.prunegrid.criterion;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.data.Dataset;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Shape;
import io.prunegrid.runtime.Engine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Scores of networks so small that a person can check them on paper: they read two pixels, know two
 * classes, and what is scored is their layer {@code filters}.
 */
final class ByHand {
  private ByHand() {}

  /** Parameters from names and values in turn. */
  private static Map<String, String> given(String... parameters) {
    Map<String, String> given = new LinkedHashMap<>();
    for (int i = 0; i < parameters.length; i += 2) {
      given.put(parameters[i], parameters[i + 1]);
    }
    return given;
  }

  static Scores found(
      Engine engine, Model model, String method, Samples images, String... parameters) {
    Criterion criterion = Criteria.named(method);
    return criterion.score(
        new ScoringInput(
            model,
            CoupledChannels.of(model.graph()),
            criterion.resolve(given(parameters)),
            Optional.of(images),
            Optional.of(engine),
            0));
  }

  /** What selection ranks at ratio 0.5, by output channel of {@code filters}. */
  static double[] scores(
      Engine engine, Model model, String method, Samples images, String... parameters) {
    Criterion criterion = Criteria.named(method);
    CoupledChannels channels = CoupledChannels.of(model.graph());
    double[] classes =
        criterion.classScores(
            found(engine, model, method, images, parameters),
            new Ranking(
                channels, SelectionConfig.defaults(), criterion.resolve(given(parameters)), 0.5));
    return byFilter(classes, channels);
  }

  static double[] byFilter(double[] classes, CoupledChannels channels) {
    return IntStream.of(channels.outClasses("filters")).mapToDouble(id -> classes[id]).toArray();
  }

  /** The image (3, 1) of the first class. */
  static Samples image() {
    return samples(new float[][] {{3, 1}}, new int[] {0});
  }

  static Samples samples(float[][] pixels, int[] labels) {
    return Samples.all(
        new Dataset() {
          @Override
          public String spec() {
            return "by hand";
          }

          @Override
          public int size() {
            return labels.length;
          }

          @Override
          public Shape imageShape() {
            return Shape.of(1, 1, 2);
          }

          @Override
          public List<String> classNames() {
            return List.of("first", "second");
          }

          @Override
          public int label(int index) {
            return labels[index];
          }

          @Override
          public void copyImage(int index, float[] to, int offset) {
            System.arraycopy(pixels[index], 0, to, offset, 2);
          }

          @Override
          public String contentHash() {
            throw new UnsupportedOperationException();
          }
        });
  }
}
