package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.analysis.TextTable;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.StoreCare;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prunegrid store}. */
@Command(
    name = "store",
    mixinStandardHelpOptions = true,
    description = "Looks after an artifact store, where bases, evaluations and scores are kept.",
    synopsisSubcommandLabel = "list|verify|gc",
    footer = {
      "",
      "Examples:",
      "  prunegrid store list results/quickstart/store",
      "  prunegrid store gc /lab/store --results results/a --results results/b --unreferenced"
    })
final class StoreCommand implements Runnable {
  private static final List<String> REFERENCES = List.of("base_key", "evaluation_key", "score_key");

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "say what to do with the store: list, verify or gc");
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists every artifact: its key, the hash of its content, its size.")
  int list(
      @Parameters(paramLabel = "STORE", description = "A folder or an address.") String store,
      @Option(names = "--csv", description = "Answer as CSV.") boolean csv)
      throws IOException {
    TextTable table = new TextTable(List.of("key", "content", "bytes", "published"));
    for (StoreCare.Listed artifact : StoreCare.of(Location.of(store)).list()) {
      table.add(
          List.of(
              artifact.key(),
              artifact.contentHash().orElse("damaged"),
              artifact.bytes() < 0 ? "missing" : String.valueOf(artifact.bytes()),
              artifact.published().toString()));
    }
    print(csv ? table.csv() : table.text());
    return 0;
  }

  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description = "Reads every artifact and names each that is damaged.")
  int verify(
      @Parameters(paramLabel = "STORE", description = "A folder or an address.") String store)
      throws IOException {
    StoreCare care = StoreCare.of(Location.of(store));
    List<String> problems = care.verify();
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    print("all " + care.list().size() + " artifacts are whole\n");
    return 0;
  }

  @Command(
      name = "gc",
      mixinStandardHelpOptions = true,
      description = {
        "Removes contents that no artifact names, files that killed writers left, and leases of processes that are gone.",
        "Safe while runs use the store."
      })
  int gc(
      @Parameters(paramLabel = "STORE", description = "A folder or an address.") String store,
      @Option(
              names = "--older-than",
              paramLabel = "TIME",
              defaultValue = "1d",
              description = "Nothing younger is removed: a number and s, m, h or d; 1d by default.")
          String age,
      @Option(
              names = "--results",
              paramLabel = "RESULTS",
              description =
                  "Results whose artifacts are wanted, for --unreferenced; may be repeated.")
          List<String> results,
      @Option(
              names = "--unreferenced",
              description = "Remove artifacts, too, that no row of these results references.")
          boolean unreferenced)
      throws IOException {
    if (unreferenced == (results == null)) {
      throw new BadInput(
          unreferenced
              ? "--unreferenced needs --results: which rows count?"
              : "--results says which artifacts are wanted, and goes with --unreferenced");
    }
    Duration limit = duration(age);
    StoreCare care = StoreCare.of(Location.of(store));
    Predicate<String> wanted = key -> true;
    if (unreferenced) {
      Set<String> referenced = referenced(results);
      // What belongs to an artifact has its key and a word behind it.
      wanted = key -> referenced.contains(key.split("-", 2)[0]);
    }
    StoreCare.Collected collected = care.collect(limit, wanted);
    List<String> kinds = new ArrayList<>();
    collected.files().forEach((kind, count) -> kinds.add(count + " " + kind));
    print(
        kinds.isEmpty()
            ? "nothing to remove\n"
            : "removed " + String.join(", ", kinds) + ": " + collected.bytes() + " bytes\n");
    return 0;
  }

  private static Set<String> referenced(List<String> results) {
    Set<String> referenced = new HashSet<>();
    for (String folder : results) {
      ResultsReader.open(Location.of(folder), RunCommand.TABLES)
          .forEach(
              CellColumns.TABLE,
              row -> {
                for (String column : REFERENCES) {
                  if (row.get(column) != null) {
                    referenced.add(row.get(column).toString());
                  }
                }
              });
    }
    return referenced;
  }

  private static Duration duration(String text) {
    if (!text.matches("\\d{1,6}[smhd]")) {
      throw new BadInput(
          "--older-than is '" + text + "'; allowed: a number and s, m, h or d, for instance 12h");
    }
    long number = Long.parseLong(text.substring(0, text.length() - 1));
    return switch (text.charAt(text.length() - 1)) {
      case 's' -> Duration.ofSeconds(number);
      case 'm' -> Duration.ofMinutes(number);
      case 'h' -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  private void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(text);
    out.flush();
  }
}
