package io.prunegrid.job.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.store.CellColumns;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryChartTest {
  private static final List<String> METHODS = List.of("ln", "magnitude", "random");

  @TempDir Path folder;

  @Test
  void aPictureHasAPanelBeforeAndAfterRetrainingForEverySubset() throws IOException {
    BufferedImage one = written(Summary.of(rows("all", 50.0)));
    BufferedImage two =
        written(Summary.of(Stream.of("all", "tops").flatMap(s -> rows(s, 50.0).stream()).toList()));
    BufferedImage unretrained = written(Summary.of(rows("all", null)));

    assertThat(two.getWidth()).isEqualTo(one.getWidth());
    assertThat(two.getHeight()).isGreaterThan(2 * one.getHeight() - 200);
    assertThat(unretrained.getWidth()).isLessThan(one.getWidth() * 6 / 10);
  }

  @Test
  void everyMethodIsDrawnInAColourOfItsOwnInEveryPanel() throws IOException {
    BufferedImage image = written(Summary.of(rows("all", 50.0)));

    for (int i = 0; i < METHODS.size(); i++) {
      Color color = MethodLook.number(i, METHODS.get(i)).color();
      assertThat(pixels(image, color, 0, image.getWidth() / 2)).as(METHODS.get(i)).isPositive();
      assertThat(pixels(image, color, image.getWidth() / 2, image.getWidth()))
          .as(METHODS.get(i))
          .isPositive();
    }
  }

  @Test
  void aSummaryDoesNotDependOnTheOrderInWhichCellsEnded() {
    List<GenericRecord> rows =
        Stream.of("tops", "all").flatMap(subset -> rows(subset, 50.0).stream()).toList();
    List<GenericRecord> backwards =
        IntStream.range(0, rows.size()).mapToObj(i -> rows.get(rows.size() - 1 - i)).toList();

    assertThat(Summary.of(backwards).text()).isEqualTo(Summary.of(rows).text());
  }

  private BufferedImage written(Summary summary) throws IOException {
    Path file = folder.resolve("new").resolve("picture.png");
    SummaryChart.write(summary, file);
    return ImageIO.read(file.toFile());
  }

  private static long pixels(BufferedImage image, Color color, int from, int to) {
    return IntStream.range(from, to)
        .mapToLong(
            x ->
                IntStream.range(0, image.getHeight())
                    .filter(y -> image.getRGB(x, y) == color.getRGB())
                    .count())
        .sum();
  }

  private static List<GenericRecord> rows(String subset, Double retrained) {
    return METHODS.stream()
        .flatMap(
            method ->
                Stream.of(0.25, 0.5, 0.75)
                    .flatMap(
                        ratio ->
                            Stream.of(0, 1, 2)
                                .map(seed -> row(subset, method, ratio, seed, retrained))))
        .toList();
  }

  private static GenericRecord row(
      String subset, String method, double ratio, int seed, Double retrained) {
    double loss = ratio * 40 + METHODS.indexOf(method) * 5 + seed;
    GenericRecord row = new GenericData.Record(CellColumns.TABLE.schema());
    Map.of("sweep", "s", "model", "m", "data", "d", "head", "subset", "scope", "local")
        .forEach(row::put);
    row.put("apply", "remove");
    row.put("subset", subset);
    row.put("method", method);
    row.put("ratio", ratio);
    row.put("parameters", Map.of());
    row.put("key", String.join(" ", subset, method, String.valueOf(ratio), String.valueOf(seed)));
    row.put("seed", (long) seed);
    row.put("base_key", String.format(Locale.ROOT, "%d", seed));
    row.put("images", 100L);
    row.put("round_to", 1L);
    row.put("top1_base_percent", 90.0);
    row.put("top1_pruned_percent", 85 - loss);
    row.put("top1_retrained_percent", retrained == null ? null : 85 - loss / 2);
    row.put("macs_before", 100L);
    row.put("macs_after", 50L);
    row.put("nonzero_macs_after", 50L);
    return row;
  }
}
