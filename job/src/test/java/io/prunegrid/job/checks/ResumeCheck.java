package io.prunegrid.job.checks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;

/**
 * A sweep that is run again after it, its inputs or its results changed runs exactly what that
 * makes necessary, and the plan has said so before.
 */
public final class ResumeCheck {
  /** Beside start-up, for a sweep that is finished. */
  private static final double MOST_SECONDS = 10;

  /** {@code random}, {@code ln}, {@code taylor} with the sweep's samples and with its own. */
  private static final int METHODS = 4;

  private static final int SAMPLES = 40;

  private final Report report;
  private final Settings settings;
  private final Path results;
  private Path weights;
  private String ratios = "[0.3, 0.6]";
  private int samples = SAMPLES;

  private ResumeCheck(Report report, Settings settings) {
    this.report = report;
    this.settings = settings;
    this.results = settings.folder().resolve("results");
    this.weights = settings.weights();
  }

  /** What a command left behind. */
  record Outcome(int code, String out, String err, double seconds) {}

  /** Runs the program. */
  @FunctionalInterface
  interface Program {
    Outcome run(String... arguments);
  }

  /** Where another byte in the weights is put. */
  enum Change {
    /** Into the file itself; every command is a process of its own, whose time is a claim. */
    IN_PLACE,
    /** Into a copy: one process takes a file for unchanged, and keeps scores in memory. */
    IN_A_COPY
  }

  /**
   * What is run.
   *
   * @param folder empty
   * @param model what stands in the model's braces beside its weights
   * @param weights a checkpoint whose last bytes are numbers; left as it is
   * @param data the data set
   */
  record Settings(
      Path folder, Program program, Change change, String model, Path weights, String data) {}

  /** The published ResNet-20 where the shared data are, else a small network; an empty folder. */
  public static void main(String[] arguments) throws IOException {
    Path folder =
        arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("resume");
    Path shared = Folders.shared();
    Path published = shared.resolve("data/weights/resnet20-12fca82f.th");
    SweepProcess.Settings process = SweepProcess.Settings.in(folder.resolve("work"));
    Program program =
        words -> {
          SweepProcess.Outcome outcome = SweepProcess.run(process, words);
          return new Outcome(outcome.code(), outcome.out(), outcome.err(), outcome.seconds());
        };
    Settings settings =
        Files.exists(published)
            ? new Settings(
                folder,
                program,
                Change.IN_PLACE,
                "name = resnet20, ignore = [conv1, \"*.conv2\"]",
                published,
                "cifar10:" + shared.resolve("data/cifar10-jpeg"))
            : small(folder, program, Change.IN_PLACE);
    Report.main("resume", report -> check(report, settings));
  }

  /** The same on the images that ship with the program. */
  static Settings small(Path folder, Program program, Change change) throws IOException {
    return new Settings(
        folder,
        program,
        change,
        "name = small-cnn",
        SmallWeights.in(folder.resolve("small.safetensors")),
        "fashion");
  }

  static void check(Report report, Settings settings) throws IOException {
    new ResumeCheck(report, settings).check();
  }

  private void check() throws IOException {
    double startUp = settings.program().run("--version").seconds();
    report.figure("start-up, seconds", Math.round(10 * startUp) / 10.0);

    step("the first run", 2 * METHODS);
    Outcome idle = step("a finished sweep", 0);
    report.claim(
        settings.change() == Change.IN_A_COPY || idle.seconds() <= MOST_SECONDS + startUp,
        "a finished sweep takes %.1f s, at most %.0f s beside start-up",
        idle.seconds(),
        MOST_SECONDS);

    ratios = "[0.3, 0.6, 0.8]";
    step("one ratio added", METHODS);
    samples = SAMPLES / 2;
    explained("method=taylor,ratio=0.8", "samples");
    step("another default of samples", 3);

    weights = settings.folder().resolve("moved").resolve("w" + suffix(settings.weights()));
    Files.createDirectories(weights.getParent());
    Files.copy(settings.weights(), weights);
    step("weights moved", 0);
    if (settings.change() == Change.IN_A_COPY) {
      Path copy = settings.folder().resolve("copy" + suffix(weights));
      Files.copy(weights, copy);
      weights = copy;
    }
    flip(weights, Files.size(weights) - 4);
    explained("method=random,ratio=0.8", "bytes of the weights");
    step("another byte in the weights", 3 * METHODS);

    damagedArtifact();
    damagedRows();
    step("all of it once more", 0);
  }

  /** Plans and runs; what ran must be what the plan said, and as much as is expected. */
  private Outcome step(String name, int expected) throws IOException {
    Set<String> planned = planned();
    Set<String> before = cells();
    int attempts = attempts("cell");
    Outcome run = program("run");
    report.claim(
        run.code() == 0, "%s: the run ends well%s", name, run.code() == 0 ? "" : ": " + run.err());
    Set<String> ran = new TreeSet<>(cells());
    ran.removeAll(before);
    report.claim(
        planned.size() == expected, "%s: the plan has %d cells to run", name, planned.size());
    report.claim(ran.equals(planned), "%s: %d cells ran, those of the plan", name, ran.size());
    int tried = attempts("cell") - attempts;
    report.claim(tried == expected, "%s: %d cells were tried", name, tried);
    report.figure(name + ": seconds", Math.round(10 * run.seconds()) / 10.0);
    return run;
  }

  private void explained(String cell, String reason) throws IOException {
    Outcome plan = program("plan", "--explain", cell);
    report.claim(
        plan.code() == 0 && plan.out().contains(reason),
        "plan --explain %s names: %s%s",
        cell,
        reason,
        plan.out().contains(reason) ? "" : "; it says " + plan.out() + plan.err());
  }

  /** A score that many cells share: it is found, made again alone, and the rows are as before. */
  private void damagedArtifact() throws IOException {
    GenericRecord row =
        rows().stream()
            .filter(each -> each.get("score_hash") != null)
            .reduce((first, last) -> last)
            .orElseThrow();
    String hash = row.get("score_hash").toString();
    Path store = results.resolve("store");
    Path content = named(store, hash);
    flip(content, Files.size(content) / 2);
    Outcome verify = settings.program().run("store", "verify", store.toString());
    report.claim(
        verify.code() == 2 && verify.err().contains(row.get("score_key").toString()),
        "a damaged artifact: store verify names it");
    ratios = "[0.3, 0.6, 0.7, 0.8]";
    JsonNode scores = plan().get("scores");
    int toCompute = scores.get("needed").asInt() - scores.get("found").asInt();
    report.claim(toCompute == 1, "a damaged artifact: the plan has %d score to make", toCompute);
    int before = attempts("score");
    step("a damaged artifact, one ratio added", METHODS);
    int made = attempts("score") - before;
    report.claim(made == toCompute, "a damaged artifact: %d score was made again", made);
    if (settings.change() == Change.IN_PLACE) {
      report.claim(
          settings.program().run("store", "verify", store.toString()).code() == 0,
          "a damaged artifact: the store is whole again");
    }
  }

  /** A file of rows: it is found and named, nothing runs on it; without it its cells run again. */
  private void damagedRows() throws IOException {
    Path part;
    try (Stream<Path> parts = Files.list(results.resolve("cells"))) {
      part =
          parts
              .filter(file -> file.toString().endsWith(".parquet"))
              .max(Comparator.comparing(Path::getFileName))
              .orElseThrow();
    }
    Set<String> before = cells();
    flip(part, Files.size(part) / 3);
    for (String[] command :
        List.of(new String[] {"verify", results.toString()}, words("plan"), words("run"))) {
      Outcome outcome = settings.program().run(command);
      report.claim(
          outcome.code() == 2 && outcome.err().contains(part.getFileName().toString()),
          "damaged rows: %s ends with 2 and names the file%s",
          command[0],
          outcome.code() == 2 ? "" : ": " + outcome.code() + " " + outcome.err());
    }
    Files.move(part, settings.folder().resolve(part.getFileName()));
    Set<String> lost = new HashSet<>(before);
    lost.removeAll(cells());
    report.claim(!lost.isEmpty(), "damaged rows: %d cells are lost with the file", lost.size());
    Set<String> planned = planned();
    report.claim(
        lost.containsAll(planned) && !planned.isEmpty(),
        "damaged rows: without the file, the plan has %d of them to run",
        planned.size());
    step("damaged rows, their file taken away", planned.size());
  }

  private JsonNode plan() throws IOException {
    Outcome plan = program("plan", "--json", "-");
    if (plan.code() != 0) {
      throw new IllegalStateException("plan fails: " + plan.err());
    }
    return new ObjectMapper().readTree(plan.out());
  }

  private Set<String> planned() throws IOException {
    Set<String> keys = new TreeSet<>();
    plan().get("missing").forEach(cell -> keys.add(cell.get("key").asText()));
    return keys;
  }

  private Outcome program(String command, String... more) throws IOException {
    String[] words = words(command);
    String[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return settings.program().run(all);
  }

  private String[] words(String command) throws IOException {
    Path sweep =
        Files.writeString(
            settings.folder().resolve("resume.conf"),
            """
            sweep {
              data    = "%s"
              models  = [ { %s, weights = "%s" } ]
              subsets = [ { name = few, classes = [0, 1] } ]
              methods = [random, ln, taylor, { name = taylor, samples = 24 }]
              samples = %d
              ratios  = %s
              retrain { epochs = 1, samples = 64, batch = 32, lr = 0.001 }
            }
            """
                .formatted(settings.data(), settings.model(), weights, samples, ratios));
    return new String[] {command, sweep.toString(), "--results", results.toString()};
  }

  private List<GenericRecord> rows() {
    return reader().rows(CellColumns.TABLE);
  }

  private Set<String> cells() {
    Set<String> keys = new TreeSet<>();
    if (Files.isDirectory(results.resolve("cells"))) {
      rows().forEach(row -> keys.add(row.get("key").toString()));
    }
    return keys;
  }

  private int attempts(String kind) {
    return Files.isDirectory(results.resolve("cells"))
        ? (int)
            reader().rows(Attempts.TABLE).stream()
                .filter(row -> row.get("kind").toString().equals(kind))
                .count()
        : 0;
  }

  private ResultsReader reader() {
    return ResultsReader.open(Location.of(results), List.of(CellColumns.TABLE, Attempts.TABLE));
  }

  private static Path named(Path folder, String name) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .filter(Files::isRegularFile)
          .filter(file -> file.getFileName().toString().startsWith(name))
          .forEach(found::add);
    }
    return found.get(0);
  }

  private static void flip(Path file, long at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) at] ^= 1;
    Files.write(file, bytes);
  }

  private static String suffix(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.'));
  }
}
