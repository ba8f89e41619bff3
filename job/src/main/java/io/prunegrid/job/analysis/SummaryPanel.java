package io.prunegrid.job.analysis;

import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The panels of one model and subset, with the same axes. */
final class SummaryPanel {
  private static final Color GRID = new Color(0xE6, 0xE6, 0xE6);

  /** Methods of one ratio stand over this share of the distance to the next ratio. */
  private static final double SPREAD = 0.18;

  private final Summary.Section section;
  private final Map<String, MethodLook> looks;
  private final double step;
  private final double left;
  private final double right;
  private final double bottom;
  private final double top;

  SummaryPanel(Summary.Section section, Map<String, MethodLook> looks) {
    this.section = section;
    this.looks = looks;
    List<Double> ratios = List.copyOf(section.ratios());
    double nearest = 0.2;
    for (int i = 1; i < ratios.size(); i++) {
      nearest = Math.min(nearest, ratios.get(i) - ratios.get(i - 1));
    }
    this.step = nearest;
    this.left = Math.max(-nearest / 2, ratios.get(0) - nearest);
    this.right = Math.min(1 + nearest / 2, ratios.get(ratios.size() - 1) + nearest);
    double[] ends = ends().toArray();
    double low = DoubleStream.of(ends).min().orElse(0);
    double high = DoubleStream.of(ends).max().orElse(100);
    this.bottom = Math.max(0, Math.floor(low / 10) * 10);
    this.top = Math.min(102, Math.ceil((high + 1) / 5) * 5);
  }

  XYChart afterRemoval() {
    return panel("top-1 after removal, %", Summary.Point::pruned);
  }

  XYChart afterRetraining() {
    return panel("top-1 after retraining, %", Summary.Point::accuracy);
  }

  private DoubleStream ends() {
    Stream<Figure> figures =
        Stream.concat(
            Stream.of(section.base()),
            section.methods().values().stream()
                .flatMap(points -> points.values().stream())
                .flatMap(point -> Stream.of(point.pruned(), point.accuracy())));
    return figures.flatMapToDouble(
        figure -> DoubleStream.of(figure.mean() - bar(figure), figure.mean() + bar(figure)));
  }

  private XYChart panel(String accuracy, Function<Summary.Point, Figure> figure) {
    XYChart chart = new XYChartBuilder().xAxisTitle("ratio").yAxisTitle(accuracy).build();
    style(chart.getStyler());
    base(chart);
    int position = 0;
    int methods = section.methods().size();
    for (Map.Entry<String, Map<Double, Summary.Point>> method : section.methods().entrySet()) {
      double shift = (position - (methods - 1) / 2.0) * SPREAD * step / Math.max(1, methods - 1);
      method(chart, method.getKey(), method.getValue(), figure, shift);
      position++;
    }
    return chart;
  }

  private void method(
      XYChart chart,
      String name,
      Map<Double, Summary.Point> points,
      Function<Summary.Point, Figure> figure,
      double shift) {
    List<Double> ratios = new ArrayList<>();
    List<Double> means = new ArrayList<>();
    List<Double> bars = new ArrayList<>();
    points.forEach(
        (ratio, point) -> {
          ratios.add(ratio + shift);
          means.add(figure.apply(point).mean());
          bars.add(bar(figure.apply(point)));
        });
    MethodLook look = looks.get(name);
    XYSeries series = chart.addSeries(name, ratios, means, bars);
    series.setLineColor(look.color());
    series.setLineStyle(look.stroke());
    series.setMarkerColor(look.color());
    series.setMarker(look.marker());
  }

  private void base(XYChart chart) {
    MethodLook look = MethodLook.UNPRUNED;
    double level = section.base().mean();
    XYSeries line = chart.addSeries(look.name(), List.of(left, right), List.of(level, level));
    line.setLineColor(look.color());
    line.setLineStyle(look.stroke());
    line.setMarker(SeriesMarkers.NONE);
  }

  private void style(XYStyler styler) {
    styler.setLegendVisible(false);
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setPlotBorderColor(new Color(0xBB, 0xBB, 0xBB));
    styler.setPlotGridLinesColor(GRID);
    styler.setPlotContentSize(1.0);
    styler.setChartFontColor(MethodLook.INK);
    styler.setChartTitleVisible(false);
    styler.setAxisTitleFont(MethodLook.font(Font.PLAIN, 13));
    styler.setAxisTickLabelsFont(MethodLook.font(Font.PLAIN, 12));
    styler.setAxisTickLabelsColor(MethodLook.INK);
    styler.setXAxisDecimalPattern("0.0#");
    styler.setYAxisDecimalPattern("0");
    styler.setXAxisMin(left);
    styler.setXAxisMax(right);
    styler.setYAxisMin(bottom);
    styler.setYAxisMax(top);
    styler.setXAxisTickMarkSpacingHint(45);
    styler.setYAxisTickMarkSpacingHint(40);
    styler.setMarkerSize(7);
    styler.setErrorBarsColorSeriesColor(true);
  }

  private static double bar(Figure figure) {
    return Double.isNaN(figure.deviation()) ? 0 : figure.deviation();
  }
}
