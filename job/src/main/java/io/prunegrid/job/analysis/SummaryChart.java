package io.prunegrid.job.analysis;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * A picture of a summary: a row of panels for each model and subset, accuracy over the ratio after
 * removal and, where cells retrained, after retraining. Points are means over seeds with their
 * sample standard deviation as bars; a dashed line is the unpruned network. The points of one ratio
 * stand a little beside each other so that their bars can be told apart.
 */
public final class SummaryChart {
  private static final int PANEL_WIDTH = 500;
  private static final int PANEL_HEIGHT = 300;
  private static final int TITLE_HEIGHT = 28;
  private static final int LEGEND_ROW = 24;
  private static final int MARGIN = 12;

  /** Pixels of the picture for one of the layout, so that it stays sharp in print. */
  private static final int SCALE = 2;

  private static final String NO_FONTS =
      "the Java runtime finds no fonts to write with; install fontconfig and a font, for instance the"
          + " packages fontconfig and fonts-dejavu-core";

  private SummaryChart() {}

  /**
   * Writes the picture as PNG.
   *
   * @throws IOException where the file cannot be written, or the Java runtime finds no fonts
   */
  public static void write(Summary summary, Path file) throws IOException {
    BufferedImage image;
    try {
      image = picture(summary);
    } catch (LinkageError | InternalError e) {
      throw new IOException(NO_FONTS, e);
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    if (!ImageIO.write(image, "png", file.toFile())) {
      throw new IOException("no writer for PNG in this Java runtime");
    }
  }

  /** The picture itself. */
  static BufferedImage picture(Summary summary) {
    List<Summary.Section> sections = summary.sections();
    int columns = sections.stream().anyMatch(Summary.Section::retrained) ? 2 : 1;
    int width = columns * PANEL_WIDTH + 2 * MARGIN;
    Map<String, MethodLook> looks = looks(sections);
    List<List<MethodLook>> legend = legendRows(looks, width - 2 * MARGIN);
    int height =
        Math.max(1, sections.size()) * (TITLE_HEIGHT + PANEL_HEIGHT)
            + legend.size() * LEGEND_ROW
            + 2 * MARGIN;
    BufferedImage image =
        new BufferedImage(width * SCALE, height * SCALE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.scale(SCALE, SCALE);
    graphics.translate(MARGIN, MARGIN);
    for (Summary.Section section : sections) {
      title(graphics, section);
      graphics.translate(0, TITLE_HEIGHT);
      panels(graphics, section, looks);
      graphics.translate(0, PANEL_HEIGHT);
    }
    for (List<MethodLook> row : legend) {
      legendRow(graphics, row, width - 2 * MARGIN);
      graphics.translate(0, LEGEND_ROW);
    }
    graphics.dispose();
    return image;
  }

  private static Map<String, MethodLook> looks(List<Summary.Section> sections) {
    Map<String, MethodLook> looks = new LinkedHashMap<>();
    for (Summary.Section section : sections) {
      for (String method : section.methods().keySet()) {
        looks.computeIfAbsent(method, name -> MethodLook.number(looks.size(), name));
      }
    }
    return looks;
  }

  private static void title(Graphics2D graphics, Summary.Section section) {
    graphics.setFont(MethodLook.font(Font.BOLD, 14));
    graphics.setColor(MethodLook.INK);
    graphics.drawString(section.title(), 8, 20);
    if (section.seeds() > 1) {
      int end = 8 + graphics.getFontMetrics().stringWidth(section.title()) + 14;
      graphics.setFont(MethodLook.font(Font.PLAIN, 13));
      graphics.drawString("mean and deviation over " + section.seeds() + " seeds", end, 20);
    }
  }

  private static void panels(
      Graphics2D graphics, Summary.Section section, Map<String, MethodLook> looks) {
    SummaryPanel panel = new SummaryPanel(section, looks);
    // Each panel moves the graphics about, so it gets its own.
    Graphics2D left = (Graphics2D) graphics.create();
    panel.afterRemoval().paint(left, PANEL_WIDTH, PANEL_HEIGHT);
    left.dispose();
    if (section.retrained()) {
      Graphics2D right = (Graphics2D) graphics.create();
      right.translate(PANEL_WIDTH, 0);
      panel.afterRetraining().paint(right, PANEL_WIDTH, PANEL_HEIGHT);
      right.dispose();
    }
  }

  private static List<List<MethodLook>> legendRows(Map<String, MethodLook> looks, int width) {
    List<List<MethodLook>> rows = new ArrayList<>();
    Graphics2D ruler = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
    FontMetrics metrics = ruler.getFontMetrics(MethodLook.font(Font.PLAIN, 13));
    int used = width;
    List<MethodLook> entries = new ArrayList<>(looks.values());
    entries.add(MethodLook.UNPRUNED);
    for (MethodLook look : entries) {
      int wanted = look.legendWidth(metrics);
      if (used + wanted > width) {
        rows.add(new ArrayList<>());
        used = 0;
      }
      rows.get(rows.size() - 1).add(look);
      used += wanted;
    }
    ruler.dispose();
    return rows;
  }

  private static void legendRow(Graphics2D graphics, List<MethodLook> row, int width) {
    graphics.setFont(MethodLook.font(Font.PLAIN, 13));
    FontMetrics metrics = graphics.getFontMetrics();
    int x = (width - row.stream().mapToInt(look -> look.legendWidth(metrics)).sum()) / 2;
    for (MethodLook look : row) {
      look.paintLegend(graphics, x, LEGEND_ROW / 2);
      x += look.legendWidth(metrics);
    }
  }
}
