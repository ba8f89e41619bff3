package io.prunegrid.job.checks;

import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.generic.GenericRecord;

/**
 * What cells have in common is done once: bases, scores and evaluations of unpruned networks, and
 * the images that go through networks are exactly those that the plan says, in one process and on
 * two workers.
 */
public final class SharingCheck {
  private static final Pattern IMAGES =
      Pattern.compile(
          "images +([\\d,]+) through networks: ([\\d,]+) in training, ([\\d,]+) for scores,"
              + " ([\\d,]+) in evaluations");
  private static final List<String> COLUMNS =
      List.of("images_trained", "images_scored", "images_evaluated");

  private SharingCheck() {}

  /** The 80 cells of ResNet-20 on CIFAR-10; the arguments are a folder to keep results in. */
  public static void main(String[] arguments) throws IOException {
    Path folder =
        arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("sharing");
    Path home = StandaloneSpark.home();
    String sweep = home.resolve("sweeps/cifar10-resnet20.conf").toString();
    SweepProcess.Settings settings =
        SweepProcess.Settings.in(folder).where("PRUNEGRID_SHARED", Folders.shared().toString());
    Report.main("sharing", report -> check(report, settings, new Expected(80, 1, 10, 2), sweep));
  }

  /**
   * What a sweep should come to.
   *
   * @param cells rows
   * @param bases different bases
   * @param scores different scores at most
   * @param evaluations different evaluations of unpruned networks
   */
  record Expected(int cells, int bases, int scores, int evaluations) {}

  /** Runs a sweep in one process and on two workers, and again where bases and scores are there. */
  static void check(
      Report report, SweepProcess.Settings settings, Expected expected, String... sweep) {
    Path folder = settings.folder();
    once(report, "one process", settings, settings, expected, sweep);
    try (StandaloneSpark cluster =
        StandaloneSpark.start(folder.resolve("cluster"), StandaloneSpark.Shape.of(2, 1))) {
      SweepProcess.Settings workers = settings.on(cluster);
      Set<String> places =
          once(
              report,
              "two workers",
              workers,
              settings,
              expected,
              with(sweep, "--master", cluster.master()));
      report.claim(places.size() == 2, "two workers: both computed, at %s", places);
    }
  }

  private static Set<String> once(
      Report report,
      String name,
      SweepProcess.Settings settings,
      SweepProcess.Settings planning,
      Expected expected,
      String... sweep) {
    String results = settings.folder().resolve(name.replace(' ', '-')).toString();
    List<Long> planned = planned(planning, with(withoutMaster(sweep), "--results", results));
    report.figure(name + ": images planned (trained, scored, evaluated)", planned);
    SweepProcess.Outcome outcome =
        SweepProcess.run(settings, with(with(new String[] {"run"}, sweep), "--results", results));
    report.claim(outcome.code() == 0, "%s: the run ends well: %s", name, last(outcome.err()));
    report.figure(name + ": seconds", Math.round(outcome.seconds()));
    ResultsReader reader =
        ResultsReader.open(
            Location.of(Path.of(results)), List.of(CellColumns.TABLE, Attempts.TABLE));
    List<GenericRecord> cells = reader.rows(CellColumns.TABLE);
    List<GenericRecord> attempts = reader.rows(Attempts.TABLE);
    report.claim(cells.size() == expected.cells(), "%s: %d rows", name, cells.size());
    int bases = distinct(cells, "base_key");
    report.claim(bases == expected.bases(), "%s: %d bases", name, bases);
    int scores =
        distinct(cells.stream().filter(row -> row.get("score_hash") != null).toList(), "score_key");
    report.claim(
        scores <= expected.scores(), "%s: %d scores, %d allowed", name, scores, expected.scores());
    Map<String, Integer> tries = new HashMap<>();
    attempts.forEach(row -> tries.merge(row.get("kind") + " " + row.get("key"), 1, Integer::sum));
    report.claim(
        tries.values().stream().allMatch(n -> n == 1),
        "%s: each of %d pieces of work was done once",
        name,
        tries.size());
    long evaluations =
        attempts.stream().filter(row -> row.get("kind").toString().equals("evaluation")).count();
    report.claim(
        evaluations == expected.evaluations(),
        "%s: %d evaluations of unpruned networks",
        name,
        evaluations);
    List<Long> counted =
        COLUMNS.stream()
            .map(column -> attempts.stream().mapToLong(row -> (Long) row.get(column)).sum())
            .toList();
    report.claim(
        counted.equals(planned),
        "%s: images counted in the executors %s are those of the plan %s",
        name,
        counted,
        planned);
    Set<String> places = new HashSet<>();
    attempts.forEach(row -> places.add(row.get("place").toString()));
    return places;
  }

  /** Images in training, for scores and in evaluations, as {@code plan} prints them. */
  private static List<Long> planned(SweepProcess.Settings settings, String... sweep) {
    SweepProcess.Outcome plan = SweepProcess.run(settings, with(new String[] {"plan"}, sweep));
    Matcher line = IMAGES.matcher(plan.out());
    if (plan.code() != 0 || !line.find()) {
      throw new IllegalStateException("plan says no images: " + plan.out() + plan.err());
    }
    List<Long> numbers = new ArrayList<>();
    for (int group = 1; group <= 4; group++) {
      numbers.add(Long.parseLong(line.group(group).replace(",", "")));
    }
    if (numbers.get(0) != numbers.get(1) + numbers.get(2) + numbers.get(3)) {
      throw new IllegalStateException("plan cannot add: " + line.group());
    }
    return numbers.subList(1, 4);
  }

  private static String[] withoutMaster(String... sweep) {
    int master = Arrays.asList(sweep).indexOf("--master");
    return master < 0 ? sweep : Arrays.copyOf(sweep, master);
  }

  private static String[] with(String[] first, String... more) {
    List<String> all = new ArrayList<>(Arrays.asList(first));
    all.addAll(Arrays.asList(more));
    return all.toArray(String[]::new);
  }

  private static int distinct(List<GenericRecord> rows, String column) {
    Set<String> values = new HashSet<>();
    rows.forEach(row -> values.add(row.get(column).toString()));
    return values.size();
  }

  private static String last(String text) {
    List<String> lines = text.lines().toList();
    return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
  }
}
