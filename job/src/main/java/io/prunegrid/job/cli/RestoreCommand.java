package io.prunegrid.job.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prunegrid restore}. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    description = {
      "Gives a masked model its weights back, bit for bit, as they were before they were masked.",
      "What retraining changed beside them stays changed."
    },
    footer = {"", "Example:  prunegrid restore --model masked --out whole"})
final class RestoreCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "FOLDER",
      required = true,
      description = "A model folder that carries masks.")
  private String model;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      required = true,
      description = "The model folder to write.")
  private Path out;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the answer as JSON, too; - prints it in place of the text.")
  private String json;

  @Override
  public Integer call() {
    Answer answer = Answer.to(Optional.ofNullable(json));
    MaskedFolder folder = MaskedFolder.of(model);
    folder.restore(out);
    answer.give(
        spec.commandLine().getOut(),
        () -> folder.json(out),
        writer -> writer.printf("%,d weights are as they were: %s%n", folder.count(), out));
    return 0;
  }
}
