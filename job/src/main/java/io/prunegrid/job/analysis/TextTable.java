package io.prunegrid.job.analysis;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/** Columns of text for a terminal, and the same as CSV. */
public final class TextTable {
  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();

  public TextTable(List<String> header) {
    this.header = List.copyOf(header);
  }

  /** Adds a row; it has as many values as the header. */
  public TextTable add(List<String> values) {
    if (values.size() != header.size()) {
      throw new IllegalArgumentException(
          values.size() + " values for " + header.size() + " columns");
    }
    rows.add(List.copyOf(values));
    return this;
  }

  /** Aligned columns; the first is flush left, those whose values are all numbers flush right. */
  public String text() {
    StringBuilder text = new StringBuilder();
    List<Integer> widths = new ArrayList<>();
    List<Boolean> numeric = new ArrayList<>();
    for (int column = 0; column < header.size(); column++) {
      int at = column;
      ToIntFunction<List<String>> width =
          row -> row.get(at).codePointCount(0, row.get(at).length());
      widths.add(Math.max(width.applyAsInt(header), rows.stream().mapToInt(width).max().orElse(0)));
      numeric.add(column > 0 && rows.stream().allMatch(row -> isNumber(row.get(at))));
    }
    line(text, header, widths, numeric);
    rows.forEach(row -> line(text, row, widths, numeric));
    return text.toString();
  }

  /**
   * As RFC 4180, but with plain line feeds: values with commas, quotes or line breaks are quoted.
   */
  public String csv() {
    StringBuilder text = new StringBuilder();
    List<List<String>> lines = new ArrayList<>(rows);
    lines.add(0, header);
    for (List<String> line : lines) {
      text.append(line.stream().map(TextTable::quoted).collect(Collectors.joining(",")))
          .append('\n');
    }
    return text.toString();
  }

  private static boolean isNumber(String value) {
    return value.isEmpty()
        || value.equals("-")
        || value.matches("[-+]?[0-9.]+([eE][-+]?[0-9]+)?( ± [0-9.]+)?|NaN|null");
  }

  private static String quoted(String value) {
    return value.matches("(?s).*[,\"\r\n].*") ? '"' + value.replace("\"", "\"\"") + '"' : value;
  }

  private static void line(
      StringBuilder text, List<String> row, List<Integer> widths, List<Boolean> numeric) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < row.size(); column++) {
      String value = row.get(column);
      String padding = " ".repeat(widths.get(column) - value.codePointCount(0, value.length()));
      line.append(column == 0 ? "" : "  ");
      line.append(numeric.get(column) ? padding + value : value + padding);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }
}
