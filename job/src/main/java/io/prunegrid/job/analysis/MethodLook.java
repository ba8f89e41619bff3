package io.prunegrid.job.analysis;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.util.List;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * How one method is drawn: a colour of Okabe and Ito's palette, which people of every colour vision
 * tell apart, and a marker for print without colour.
 */
record MethodLook(String name, Color color, Marker marker, BasicStroke stroke) {
  static final Color INK = new Color(0x33, 0x33, 0x33);

  static final MethodLook UNPRUNED =
      new MethodLook("unpruned network", new Color(0x77, 0x77, 0x77), SeriesMarkers.NONE, dashes());

  private static final List<Color> COLORS =
      List.of(
          new Color(0x00, 0x72, 0xB2),
          new Color(0xD5, 0x5E, 0x00),
          new Color(0x00, 0x9E, 0x73),
          new Color(0xCC, 0x79, 0xA7),
          new Color(0xE6, 0x9F, 0x00),
          new Color(0x56, 0xB4, 0xE9),
          new Color(0x99, 0x99, 0x99));

  private static final List<Marker> MARKERS =
      List.of(
          SeriesMarkers.CIRCLE,
          SeriesMarkers.SQUARE,
          SeriesMarkers.DIAMOND,
          SeriesMarkers.TRIANGLE_UP,
          SeriesMarkers.TRIANGLE_DOWN,
          SeriesMarkers.CROSS,
          SeriesMarkers.PLUS,
          SeriesMarkers.CIRCLE);

  private static final int LINE = 30;
  private static final int MARKER_SIZE = 7;

  /**
   * The look of the method at a position, from 0; colours and markers repeat at different steps.
   */
  static MethodLook number(int position, String name) {
    return new MethodLook(
        name,
        COLORS.get(position % COLORS.size()),
        MARKERS.get(position % MARKERS.size()),
        new BasicStroke(1.8f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
  }

  static Font font(int style, int size) {
    return new Font(Font.SANS_SERIF, style, size);
  }

  /** Pixels of the legend's entry with the space behind it. */
  int legendWidth(FontMetrics metrics) {
    return LINE + 6 + metrics.stringWidth(name) + 22;
  }

  /** Draws the legend's entry. */
  void paintLegend(Graphics2D graphics, int x, int middle) {
    graphics.setColor(color);
    graphics.setStroke(stroke);
    graphics.drawLine(x, middle, x + LINE, middle);
    if (!marker.equals(SeriesMarkers.NONE)) {
      graphics.setStroke(new BasicStroke(1.8f));
      marker.paint(graphics, x + LINE / 2.0, middle, MARKER_SIZE);
    }
    graphics.setColor(INK);
    FontMetrics metrics = graphics.getFontMetrics();
    graphics.drawString(
        name, x + LINE + 6, middle + (metrics.getAscent() - metrics.getDescent()) / 2);
  }

  private static BasicStroke dashes() {
    return new BasicStroke(
        1.4f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[] {5, 4}, 0);
  }
}
