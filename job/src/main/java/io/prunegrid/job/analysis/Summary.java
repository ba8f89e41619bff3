package io.prunegrid.job.analysis;

import io.prunegrid.criterion.Criteria;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;

/**
 * Method by ratio for each model and subset: accuracy with its deviation over seeds, and what is
 * left of the MACs.
 */
public final class Summary {
  /**
   * What else may tell two methods of one name apart, in the order in which it is tried, beside
   * what the label always says.
   */
  private static final List<String> SETTINGS =
      List.of(
          "samples",
          "samples_per_class",
          "rounding",
          "on_empty",
          "min_channels",
          "ignore",
          "protect",
          "ties",
          "retrain_epochs",
          "retrain_settings");

  /** What does so where settings do not. */
  private static final List<String> CIRCUMSTANCES =
      List.of("classes", "grid", "score_hash", "numerics", "prunegrid_version", "key");

  /** What makes two networks or tasks different ones, whose figures are never pooled. */
  private static final List<String> SECTION =
      List.of(
          "sweep",
          "model",
          "network_hash",
          "weights",
          "weights_hash",
          "train_settings",
          "data",
          "data_hash",
          "subset",
          "head");

  private final List<Section> sections;

  private Summary(List<Section> sections) {
    this.sections = List.copyOf(sections);
  }

  /**
   * Sums up finished cells.
   *
   * @param rows of the table {@code cells}
   */
  public static Summary of(List<GenericRecord> rows) {
    return of(rows, List.of());
  }

  /**
   * Sums up finished cells and the latencies of their structures.
   *
   * @param rows of the table {@code cells}
   * @param measurements of the table {@code measurements}
   */
  public static Summary of(List<GenericRecord> rows, List<GenericRecord> measurements) {
    Latencies latencies = new Latencies(measurements);
    Map<List<String>, List<GenericRecord>> groups = new LinkedHashMap<>();
    List<GenericRecord> ordered = new ArrayList<>(rows);
    ordered.sort(Comparator.comparing(row -> text(row, "key")));
    for (GenericRecord row : ordered) {
      List<String> group = SECTION.stream().map(column -> text(row, column)).toList();
      groups.computeIfAbsent(group, key -> new ArrayList<>()).add(row);
    }
    Map<String, List<GenericRecord>> alike = new LinkedHashMap<>();
    for (List<GenericRecord> group : groups.values()) {
      GenericRecord first = group.get(0);
      alike.computeIfAbsent(title(first), title -> new ArrayList<>()).add(first);
    }
    List<Section> sections = new ArrayList<>();
    for (List<GenericRecord> group : groups.values()) {
      GenericRecord first = group.get(0);
      String title = title(first);
      sections.add(
          section(group, title + Distinction.between(first, alike.get(title), SECTION), latencies));
    }
    sections.sort(Comparator.comparing(Section::title));
    return new Summary(sections);
  }

  /** One model on one subset. */
  record Section(
      String title,
      Figure base,
      Map<String, Map<Double, Point>> methods,
      Set<Double> ratios,
      boolean retrained,
      String latencies) {

    /** The most values that a figure is the mean of. */
    int seeds() {
      return methods.values().stream()
          .flatMap(points -> points.values().stream())
          .mapToInt(point -> point.pruned().count())
          .max()
          .orElse(0);
    }
  }

  /**
   * One method at one ratio.
   *
   * @param accuracy percent after retraining, or after removal where nothing was retrained
   * @param pruned percent after removal
   * @param macs percent of the unpruned network's MACs whose weight is there and not zero
   */
  record Point(Figure accuracy, Figure pruned, Figure macs) {}

  List<Section> sections() {
    return sections;
  }

  /** The tables for a terminal. */
  public String text() {
    if (sections.isEmpty()) {
      return "no finished cells\n";
    }
    return sections.stream().map(Summary::text).collect(Collectors.joining("\n"));
  }

  private static String text(Section section) {
    StringBuilder text = new StringBuilder();
    text.append(section.title)
        .append(": top-1 of the unpruned network ")
        .append(section.base)
        .append(" %\n\n");
    if (section.retrained) {
      table(text, "top-1 % after removal", section, Point::pruned);
      table(text, "top-1 % after retraining", section, Point::accuracy);
    } else {
      table(text, "top-1 % after removal", section, Point::pruned);
    }
    table(text, "MACs left, %", section, Point::macs);
    return text.append(section.latencies).toString();
  }

  private static void table(
      StringBuilder text, String title, Section section, Function<Point, Figure> figure) {
    List<String> header = new ArrayList<>(List.of(title));
    section.ratios.forEach(ratio -> header.add(decimal(ratio)));
    TextTable table = new TextTable(header);
    section.methods.forEach(
        (method, points) -> {
          List<String> line = new ArrayList<>(List.of("  " + method));
          for (double ratio : section.ratios) {
            line.add(points.containsKey(ratio) ? figure.apply(points.get(ratio)).toString() : "-");
          }
          table.add(line);
        });
    text.append(table.text()).append('\n');
  }

  private static Section section(List<GenericRecord> rows, String title, Latencies latencies) {
    boolean retrained = rows.stream().anyMatch(row -> row.get("top1_retrained_percent") != null);
    IdentityHashMap<GenericRecord, String> labels = labels(rows);
    // Cells end in any order; names give the same table each time.
    Map<String, Map<Double, List<GenericRecord>>> groups = new TreeMap<>();
    Map<String, List<GenericRecord>> bases = new LinkedHashMap<>();
    for (GenericRecord row : rows) {
      groups
          .computeIfAbsent(labels.get(row), key -> new TreeMap<>())
          .computeIfAbsent((Double) row.get("ratio"), key -> new ArrayList<>())
          .add(row);
      bases.computeIfAbsent(text(row, "base_key"), key -> new ArrayList<>()).add(row);
    }
    Map<String, Map<Double, Point>> methods = new LinkedHashMap<>();
    Set<Double> ratios = new TreeSet<>();
    groups.forEach(
        (method, points) ->
            points.forEach(
                (ratio, group) -> {
                  ratios.add(ratio);
                  methods.computeIfAbsent(method, key -> new TreeMap<>()).put(ratio, point(group));
                }));
    Figure base =
        Figure.of(
            bases.values().stream()
                .map(group -> (Double) group.get(0).get("top1_base_percent"))
                .toList());
    return new Section(title, base, methods, ratios, retrained, latencies.text(groups, ratios));
  }

  private static String title(GenericRecord row) {
    return String.format(
        Locale.ROOT,
        "%s on %s, %s (%s images%s)",
        text(row, "model"),
        text(row, "data"),
        text(row, "subset").equals("all") ? "all classes" : "subset " + text(row, "subset"),
        row.get("images"),
        text(row, "head").equals("subset") ? "" : ", head " + text(row, "head"));
  }

  /**
   * Every row's method, with those of its settings in which rows of that method differ, and as much
   * more as it takes that no seed stands twice at one ratio: figures of different configurations
   * are neither averaged as if they were trials nor put on one line as if only the ratio differed.
   */
  private static IdentityHashMap<GenericRecord, String> labels(List<GenericRecord> rows) {
    IdentityHashMap<GenericRecord, String> labels = new IdentityHashMap<>();
    rows.forEach(row -> labels.put(row, method(row)));
    for (String column : SETTINGS) {
      distinguish(labels, column, Summary::pruned);
    }
    for (String column : CIRCUMSTANCES) {
      distinguish(labels, column, same -> hasRepeatedTrial(same) ? same : List.of());
    }
    return labels;
  }

  /** Those that a selection was made for: where nothing is pruned its settings say nothing. */
  private static List<GenericRecord> pruned(List<GenericRecord> rows) {
    return rows.stream().filter(row -> (Double) row.get("ratio") != 0).toList();
  }

  /**
   * Adds a column to the labels of rows labelled alike, where it differs among some of them.
   *
   * @param deciding of rows labelled alike, those that must not differ
   */
  private static void distinguish(
      IdentityHashMap<GenericRecord, String> labels,
      String column,
      UnaryOperator<List<GenericRecord>> deciding) {
    List.copyOf(labels.keySet()).stream()
        .collect(Collectors.groupingBy(labels::get))
        .values()
        .forEach(
            same -> {
              if (deciding.apply(same).stream().map(row -> text(row, column)).distinct().count()
                  > 1) {
                same.forEach(
                    row -> labels.merge(row, " " + Distinction.of(row, column), String::concat));
              }
            });
  }

  private static boolean hasRepeatedTrial(List<GenericRecord> rows) {
    Set<List<Object>> trials = new HashSet<>();
    return !rows.stream().allMatch(row -> trials.add(List.of(row.get("ratio"), row.get("seed"))));
  }

  private static Point point(List<GenericRecord> rows) {
    return new Point(
        Figure.of(
            rows.stream()
                .map(
                    row ->
                        (Double)
                            (row.get("top1_retrained_percent") == null
                                ? row.get("top1_pruned_percent")
                                : row.get("top1_retrained_percent")))
                .toList()),
        Figure.of(rows.stream().map(row -> (Double) row.get("top1_pruned_percent")).toList()),
        Figure.of(
            rows.stream()
                .map(row -> 100.0 * macsLeft(row) / (Long) row.get("macs_before"))
                .toList()));
  }

  /** Those of the smaller network; where nothing was taken out, those whose weight is not zero. */
  private static long macsLeft(GenericRecord row) {
    long after = (Long) row.get("macs_after");
    return after < (Long) row.get("macs_before") ? after : (Long) row.get("nonzero_macs_after");
  }

  /**
   * The method as a person tells it from others: its parameters, and what of the selection is not
   * the default.
   */
  private static String method(GenericRecord row) {
    SortedMap<String, String> parameters = new TreeMap<>();
    ((Map<?, ?>) row.get("parameters"))
        .forEach((name, value) -> parameters.put(name.toString(), value.toString()));
    StringBuilder label = new StringBuilder(Criteria.label(text(row, "method"), parameters));
    if (!text(row, "scope").equals("local")) {
      label.append(' ').append(text(row, "scope"));
    }
    if ((Long) row.get("round_to") > 1) {
      label.append(" round-to=").append(row.get("round_to"));
    }
    if (!text(row, "apply").equals("remove")) {
      label.append(' ').append(text(row, "apply"));
    }
    return label.toString();
  }

  static String decimal(double number) {
    return java.math.BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  private static String text(GenericRecord row, String column) {
    Object value = row.get(column);
    return value == null ? "none" : value.toString();
  }
}
