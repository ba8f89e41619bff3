package io.prunegrid.job.cli;

import io.prunegrid.channel.Counts;
import io.prunegrid.common.BadInput;
import io.prunegrid.data.Part;
import io.prunegrid.data.Samples;
import io.prunegrid.format.Safetensors;
import io.prunegrid.graph.Model;
import io.prunegrid.job.sweep.SingleCell;
import io.prunegrid.measure.ClassAccuracy;
import io.prunegrid.measure.Evaluation;
import io.prunegrid.measure.Evaluator;
import io.prunegrid.pipeline.Head;
import io.prunegrid.pipeline.Workbench;
import io.prunegrid.runtime.Engine;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code prunegrid evaluate}. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = {
      "Counts how many images a model classifies rightly, overall and by class.",
      "With --subset, on the subset's images with the head reduced to it (--set head=full keeps it"
          + " whole)."
    },
    footer = {
      "",
      "Example:  prunegrid evaluate --model resnet20 --weights resnet20-12fca82f.th \\",
      "            --data cifar10:cifar-10-batches-bin --subset 0,1,8,9"
    })
final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Override
  public Integer call() {
    Answer answer = common.answer();
    SingleCell.Choices choices = common.choices(Map.of());
    common.refuseUnused("evaluate", List.of("--method"), List.of("head"));
    Part part = common.part(Part.TEST);
    Workbench bench = Workbench.open(choices.model(), common.data());
    List<Integer> classes = bench.classes(common.subset());
    Head head = choices.head().orElse(Head.SUBSET);
    if (head == Head.NEW) {
      throw new BadInput(
          "--set head=new: a new head knows nothing to evaluate; allowed: subset, full");
    }
    boolean whole = head == Head.FULL || common.subset().isEmpty();
    Model model = whole ? bench.model().model() : bench.model().reducedTo(classes).model();
    Samples images =
        Workbench.first(
            whole ? bench.images(part, classes) : bench.imagesForReducedHead(part, classes),
            0,
            choices.samples());
    try (Engine engine = common.engine()) {
      Evaluation evaluation = Evaluator.evaluate(engine, model, images);
      answer.give(
          spec.commandLine().getOut(),
          () -> json(model, evaluation),
          out -> print(out, model, evaluation, bench));
    }
    return 0;
  }

  private static Map<String, Object> json(Model model, Evaluation evaluation) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("n", evaluation.n());
    json.put("correct", evaluation.correct());
    json.put("top1", evaluation.top1Percent());
    json.put(
        "top5",
        evaluation.top5Percent().isPresent() ? evaluation.top5Percent().getAsDouble() : null);
    json.put("params", Counts.of(model.graph()).parameters());
    json.put("bytes", Safetensors.size(model.weights()));
    List<Object> perClass = new ArrayList<>();
    for (ClassAccuracy accuracy : evaluation.perClass()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("class", accuracy.classIndex());
      entry.put("n", accuracy.n());
      entry.put("correct", accuracy.correct());
      perClass.add(entry);
    }
    json.put("perClass", perClass);
    return json;
  }

  private static void print(PrintWriter out, Model model, Evaluation evaluation, Workbench bench) {
    out.printf(
        "%d of %d images right: top-1 %.2f %%%s%n",
        evaluation.correct(),
        evaluation.n(),
        evaluation.top1Percent(),
        evaluation.top5Percent().isPresent()
            ? String.format(", top-5 %.2f %%", evaluation.top5Percent().getAsDouble())
            : "");
    List<String> names = bench.data().classNames();
    for (ClassAccuracy accuracy : evaluation.perClass()) {
      out.printf(
          "  %3d %-14s %6d of %6d  %6.2f %%%n",
          accuracy.classIndex(),
          names.get(accuracy.classIndex()),
          accuracy.correct(),
          accuracy.n(),
          accuracy.percent());
    }
    out.printf(
        "%,d parameters, %,d bytes, %.0f images a second%n",
        Counts.of(model.graph()).parameters(),
        Safetensors.size(model.weights()),
        evaluation.imagesPerSecond());
  }
}
