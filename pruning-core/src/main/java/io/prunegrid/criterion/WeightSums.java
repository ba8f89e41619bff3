package io.prunegrid.criterion;

/**
 * Sums over the rows and over the columns of a weight, seen as a matrix whose entries hold several
 * values each. Every sum adds its values in the order in which they lie, so that it does not depend
 * on how the work is cut: sums of several rows run side by side, since each waits for its own last
 * addition only.
 */
final class WeightSums {
  private static final int TILE_ROWS = 8;
  private static final int TILE_WIDTH = 576;

  private final double[] rows;
  private final double[] columns;

  private WeightSums(Layout layout) {
    rows = new double[layout.rows];
    columns = new double[layout.bands * layout.columns];
  }

  /**
   * How a weight's values lie, row-major.
   *
   * @param bands in which the rows lie, one after the other; columns are summed in each by itself
   * @param area values of an entry
   */
  record Layout(int rows, int columns, int bands, int area) {
    int width() {
      return columns * area;
    }
  }

  /** The values of a weight. */
  interface Values {
    /** Copies {@code count} values from a row-major position on to an array's beginning. */
    void copy(int from, double[] to, int count);
  }

  /** Sums what each value adds to a total. */
  static WeightSums of(Values values, Layout layout, Power power) {
    WeightSums sums = new WeightSums(layout);
    Tile tile = new Tile(layout);
    int height = layout.rows / layout.bands;
    for (int band = 0; band < layout.bands; band++) {
      int end = (band + 1) * height;
      for (int row = band * height; row < end; row += TILE_ROWS) {
        int count = Math.min(TILE_ROWS, end - row);
        for (int column = 0; column < layout.columns; column += tile.entries) {
          int entries = Math.min(tile.entries, layout.columns - column);
          int from = row * layout.width() + column * layout.area;
          tile.read(values, from, count, entries, power);
          tile.addRows(sums.rows, row, count, entries);
          tile.addColumns(sums.columns, band * layout.columns + column, count, entries);
        }
      }
    }
    return sums;
  }

  /** A sum for each row; not copied. */
  double[] rows() {
    return rows;
  }

  /** A sum for each column of each band, bands one after the other; not copied. */
  double[] columns() {
    return columns;
  }

  /** What the processor's nearest cache holds: some entries of some rows, an array for each row. */
  private static final class Tile {
    final int entries;
    private final Layout layout;
    private final double[][] rows;
    private final double[] columns;

    Tile(Layout layout) {
      this.layout = layout;
      entries = Math.min(layout.columns, Math.max(1, TILE_WIDTH / layout.area));
      rows = new double[TILE_ROWS][entries * layout.area];
      columns = new double[entries];
    }

    void read(Values values, int from, int count, int entries, Power power) {
      int width = entries * layout.area;
      for (int i = 0; i < count; i++) {
        values.copy(from + i * layout.width(), rows[i], width);
        power.sizes(rows[i], width);
      }
    }

    void addRows(double[] sums, int row, int count, int entries) {
      int width = entries * layout.area;
      if (count == TILE_ROWS) {
        addEight(sums, row, width);
        return;
      }
      for (int i = 0; i < count; i++) {
        double sum = sums[row + i];
        for (int at = 0; at < width; at++) {
          sum += rows[i][at];
        }
        sums[row + i] = sum;
      }
    }

    private void addEight(double[] sums, int row, int width) {
      double a = sums[row];
      double b = sums[row + 1];
      double c = sums[row + 2];
      double d = sums[row + 3];
      double e = sums[row + 4];
      double f = sums[row + 5];
      double g = sums[row + 6];
      double h = sums[row + 7];
      for (int i = 0; i < width; i++) {
        a += rows[0][i];
        b += rows[1][i];
        c += rows[2][i];
        d += rows[3][i];
        e += rows[4][i];
        f += rows[5][i];
        g += rows[6][i];
        h += rows[7][i];
      }
      sums[row] = a;
      sums[row + 1] = b;
      sums[row + 2] = c;
      sums[row + 3] = d;
      sums[row + 4] = e;
      sums[row + 5] = f;
      sums[row + 6] = g;
      sums[row + 7] = h;
    }

    void addColumns(double[] sums, int from, int count, int entries) {
      System.arraycopy(sums, from, columns, 0, entries);
      for (int i = 0; i < count; i++) {
        switch (layout.area) {
          case 1 -> add(columns, rows[i], entries);
          case 9 -> add(columns, rows[i], entries, 9); // most kernels: a loop of constant length
          default -> add(columns, rows[i], entries, layout.area);
        }
      }
      System.arraycopy(columns, 0, sums, from, entries);
    }

    /** Whole arrays from their beginning: such a loop adds several values at once. */
    private static void add(double[] sums, double[] values, int count) {
      for (int i = 0; i < count; i++) {
        sums[i] += values[i];
      }
    }

    private static void add(double[] sums, double[] values, int count, int area) {
      int at = 0;
      for (int i = 0; i < count; i++) {
        double sum = sums[i];
        for (int k = 0; k < area; k++) {
          sum += values[at++];
        }
        sums[i] = sum;
      }
    }
  }
}
