package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.data.Datasets;
import io.prunegrid.job.sweep.PresetKind;
import io.prunegrid.job.sweep.Presets;
import io.prunegrid.zoo.Zoo;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prunegrid list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists what a sweep may name: models, methods, data, subsets, and sweeps.",
    footer = {"", "Example:  prunegrid list models"})
final class ListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "WHAT",
      description = "models, methods, data, subsets or sweeps; all of them by default.")
  private String what;

  @Option(
      names = "--presets",
      paramLabel = "FOLDER",
      description =
          "Where presets are looked for before the shipped ones; ./conf and ~/.prunegrid by"
              + " default.")
  private Path presets;

  @Override
  public Integer call() {
    if (what != null && !PresetKind.allMany().contains(what)) {
      throw new BadInput(Names.unknown("kind", what, PresetKind.allMany()));
    }
    PrintWriter out = spec.commandLine().getOut();
    Presets known = presets == null ? Presets.ofUser() : Presets.in(presets);
    boolean first = true;
    for (PresetKind kind : PresetKind.values()) {
      if (what == null || kind.many().equals(what)) {
        out.print(first ? "" : System.lineSeparator());
        print(kind, known, out);
        first = false;
      }
    }
    out.flush();
    return 0;
  }

  private static void print(PresetKind kind, Presets presets, PrintWriter out) {
    out.println(kind.many() + ":");
    builtIn(kind).forEach(line -> out.println("  " + line));
    for (Presets.Listed preset : presets.list(kind)) {
      out.printf("  %-20s %s (%s)%n", preset.name(), preset.summary(), preset.place());
    }
  }

  private static List<String> builtIn(PresetKind kind) {
    return switch (kind) {
      case MODEL -> List.of("built in: " + String.join(", ", Zoo.names()));
      case DATA ->
          List.of(
              "built in: "
                  + String.join(
                      ", ",
                      Datasets.schemes().stream()
                          .map(name -> name.equals("fashion") ? name : name + ":FOLDER")
                          .toList()));
      case METHOD ->
          Criteria.all().stream()
              .map(criterion -> String.format("%-20s %s", criterion.name(), summary(criterion)))
              .toList();
      case SUBSET -> List.of("built in: all");
      case SWEEP -> List.of();
    };
  }

  private static String summary(Criterion criterion) {
    String parameters =
        String.join(", ", criterion.parameters().stream().map(p -> p.name()).toList());
    return criterion.summary() + (parameters.isEmpty() ? "" : " (parameters: " + parameters + ")");
  }
}
