package io.prunegrid.job.analysis;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A picture of a summary: for each model and subset the accuracy over the ratio, with the deviation
 * over seeds as bars.
 */
public final class SummaryChart {
  private static final int WIDTH = 820;
  private static final int HEIGHT = 420;

  private SummaryChart() {}

  /** Writes the picture, one panel a section below the other, as PNG. */
  public static void write(Summary summary, Path file) throws IOException {
    List<Summary.Section> sections = summary.sections();
    BufferedImage image =
        new BufferedImage(WIDTH, HEIGHT * Math.max(1, sections.size()), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    for (int i = 0; i < sections.size(); i++) {
      graphics.translate(0, i == 0 ? 0 : HEIGHT);
      panel(sections.get(i)).paint(graphics, WIDTH, HEIGHT);
    }
    graphics.dispose();
    if (file.toAbsolutePath().getParent() != null) {
      Files.createDirectories(file.toAbsolutePath().getParent());
    }
    ImageIO.write(image, "png", file.toFile());
  }

  private static XYChart panel(Summary.Section section) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(section.title())
            .xAxisTitle("ratio")
            .yAxisTitle(
                section.retrained() ? "top-1 after retraining, %" : "top-1 after removal, %")
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    for (Map.Entry<String, Map<Double, Summary.Point>> method : section.methods().entrySet()) {
      List<Double> ratios = new ArrayList<>(method.getValue().keySet());
      List<Double> means = new ArrayList<>();
      List<Double> bars = new ArrayList<>();
      for (Summary.Point point : method.getValue().values()) {
        means.add(point.accuracy().mean());
        bars.add(Double.isNaN(point.accuracy().deviation()) ? 0 : point.accuracy().deviation());
      }
      XYSeries series = chart.addSeries(method.getKey(), ratios, means, bars);
      series.setMarker(SeriesMarkers.CIRCLE);
    }
    return chart;
  }
}
