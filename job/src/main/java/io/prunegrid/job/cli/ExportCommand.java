package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.common.WorkingFolder;
import io.prunegrid.graph.Model;
import io.prunegrid.job.sweep.SingleCell;
import io.prunegrid.pipeline.ModelExport;
import io.prunegrid.pipeline.ModelExport.Format;
import io.prunegrid.pipeline.ModelExport.Verification;
import io.prunegrid.pipeline.Workbench;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prunegrid export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model for other programs: ONNX, TorchScript, or its weights as safetensors.",
      "An ONNX file is run in ONNX Runtime beside the model before it gets its name."
    },
    footer = {"", "Example:  prunegrid export --model FOLDER --format onnx --out smaller.onnx"})
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      required = true,
      description = "onnx, torchscript or safetensors.")
  private String format;

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "The file.")
  private String out;

  @Option(names = "--overwrite", description = "Replace a file that exists.")
  private boolean overwrite;

  @Option(
      names = "--no-verify",
      description = "Do not run the ONNX file in ONNX Runtime beside the model.")
  private boolean unverified;

  @Override
  public Integer call() {
    Answer answer = common.answer();
    Format wanted = format();
    Path file = file();
    SingleCell.Choices choices = common.choices(Map.of());
    common.refuseUnused(
        "export", List.of("--method", "--split", "--subset", "--samples"), List.of());
    if (!overwrite || Files.isDirectory(file)) {
      ModelExport.refuseExisting(file);
    }
    Model model = Workbench.open(choices.model(), common.data()).model().model();
    OptionalDouble difference =
        ModelExport.write(
            file, wanted, model, unverified ? Verification.SKIP : Verification.RUN, common::engine);
    answer.give(
        spec.commandLine().getOut(),
        () -> json(wanted, file, difference),
        writer -> print(writer, file, difference));
    return 0;
  }

  private Format format() {
    List<String> known =
        Arrays.stream(Format.values()).map(each -> each.name().toLowerCase(Locale.ROOT)).toList();
    if (!known.contains(format)) {
      throw new BadInput(Names.unknown("format", format, known));
    }
    return Format.valueOf(format.toUpperCase(Locale.ROOT));
  }

  private Path file() {
    try {
      return WorkingFolder.path(out);
    } catch (InvalidPathException e) {
      throw new BadInput("--out '" + out + "' is not a path", e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, Object> json(Format wanted, Path file, OptionalDouble difference) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format", wanted.name().toLowerCase(Locale.ROOT));
    json.put("file", out);
    json.put("bytes", size(file));
    json.put("verified", difference.isPresent());
    difference.ifPresent(value -> json.put("largestDifference", value));
    return json;
  }

  private void print(PrintWriter writer, Path file, OptionalDouble difference) {
    writer.printf("%s: %,d bytes%n", out, size(file));
    difference.ifPresent(
        value ->
            writer.printf(
                "ONNX Runtime computes the same for %s images at a time, within %.1e of the largest"
                    + " output%n",
                String.join(" and ", ModelExport.BATCHES.stream().map(String::valueOf).toList()),
                value));
  }
}
