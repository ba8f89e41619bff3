package io.prunegrid.job.cli;

import io.prunegrid.channel.ChannelGroup;
import io.prunegrid.channel.Counts;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.MacConvention;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.Sparsity;
import io.prunegrid.common.Names;
import io.prunegrid.data.Datasets;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.job.sweep.SingleCell;
import io.prunegrid.pipeline.DataShape;
import io.prunegrid.pipeline.GlobCheck;
import io.prunegrid.pipeline.ModelLoader;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prunegrid inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Shows a network's layers, parameters, MACs and bundles of coupled channels.",
      "Needs no weights, except for --sparsity; --ignore leaves out what would not be pruned."
    },
    footer = {
      "",
      "Examples:",
      "  prunegrid inspect --model resnet20 --ignore 'conv1,*.conv2'",
      "  prunegrid inspect --model resnet20 --groups",
      "  prunegrid inspect --model FOLDER --sparsity"
    })
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @ArgGroup(validate = false, heading = SelectionOptions.HEADING)
  private SelectionOptions selection = new SelectionOptions();

  @Option(
      names = "--groups",
      description =
          "Show the groups of coupled channels in place of the layers: who makes them, who passes"
              + " them on, who reads them, and why they stay if they do.")
  private boolean groups;

  @Option(
      names = "--sparsity",
      description = "Show in place of the layers how many entries of each parameter are zero.")
  private boolean sparsity;

  /** What there is to see of a network. */
  private record View(
      ModelGraph graph,
      Counts counts,
      CoupledChannels channels,
      SelectionConfig selection,
      Optional<List<ChannelGroup>> groups,
      Optional<Sparsity> sparsity) {
    int bundles() {
      return channels.bundles(selection).size();
    }

    int prunable() {
      return channels.prunable(selection);
    }
  }

  @Override
  public Integer call() {
    Answer answer = common.answer();
    SingleCell.Choices choices = common.choices(selection.given());
    common.refuseUnused(
        "inspect",
        List.of("--method", "--split", "--subset", "--samples"),
        List.of("scope", "rounding", "on-empty", "min-channels", "round-to", "ignore", "protect"));
    Optional<DataShape> shape = common.data().map(Datasets::open).map(DataShape::of);
    Optional<Model> model =
        sparsity ? Optional.of(ModelLoader.load(choices.model(), shape).model()) : Optional.empty();
    ModelGraph graph =
        model.map(Model::graph).orElseGet(() -> ModelLoader.structure(choices.model(), shape));
    CoupledChannels channels = choices.selection().channels(graph);
    GlobCheck.refuseUnmatched(channels, choices.selection());
    View view =
        new View(
            graph,
            Counts.of(graph),
            channels,
            choices.selection(),
            groups ? Optional.of(ChannelGroup.of(channels, choices.selection())) : Optional.empty(),
            model.map(Sparsity::of));
    answer.give(spec.commandLine().getOut(), () -> json(view), out -> print(out, view));
    return 0;
  }

  private static Map<String, Object> json(View view) {
    Map<String, Long> fvcore = MacConvention.FVCORE.byModule(view.graph());
    Map<String, Long> torchPruning = MacConvention.TORCH_PRUNING.byModule(view.graph());
    List<Object> layers = new ArrayList<>();
    for (Node layer : view.graph().layers()) {
      Counts.LayerCounts counts = view.counts().layers().get(layer.module());
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", layer.module());
      entry.put("op", layer.op().getClass().getSimpleName());
      entry.put("output", view.graph().shape(layer.name()).dims());
      entry.put("params", counts.parameters());
      entry.put("macs", counts.macs());
      entry.put("fvcoreMacs", fvcore.getOrDefault(layer.module(), 0L));
      entry.put("tpMacs", torchPruning.getOrDefault(layer.module(), 0L));
      layers.add(entry);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("input", view.graph().input().dims());
    if (view.graph().outputs().size() == 1) {
      json.put("output", view.graph().shape(view.graph().output()).dims());
    } else {
      Map<String, Object> outputs = new LinkedHashMap<>();
      view.graph().outputs().forEach(name -> outputs.put(name, view.graph().shape(name).dims()));
      json.put("outputs", outputs);
    }
    json.put("params", view.counts().parameters());
    json.put("macs", view.counts().macs());
    json.put("fvcoreMacs", MacConvention.FVCORE.total(view.graph()));
    json.put("tpMacs", MacConvention.TORCH_PRUNING.total(view.graph()));
    json.put("prunable", view.prunable());
    json.put("bundles", view.bundles());
    json.put("layers", layers);
    view.groups().ifPresent(groups -> json.put("groups", GroupsText.json(groups)));
    view.sparsity().ifPresent(zeros -> json.put("sparsity", SparsityText.json(zeros)));
    return json;
  }

  private static void print(PrintWriter out, View view) {
    view.groups().ifPresent(groups -> GroupsText.print(out, groups));
    view.sparsity().ifPresent(zeros -> SparsityText.print(out, zeros));
    if (view.groups().isEmpty() && view.sparsity().isEmpty()) {
      printLayers(out, view);
    }
    out.printf(
        "input %s, %,d parameters, %,d MACs%n",
        view.graph().input(), view.counts().parameters(), view.counts().macs());
    out.printf(
        "%,d prunable channels, coupled ones counted once, in %d bundles%n",
        view.prunable(), view.bundles());
  }

  private static void printLayers(PrintWriter out, View view) {
    out.printf("%-32s %-12s %16s %14s %16s%n", "layer", "op", "output", "parameters", "MACs");
    for (Node layer : view.graph().layers()) {
      Counts.LayerCounts counts = view.counts().layers().get(layer.module());
      out.printf(
          "%-32s %-12s %16s %,14d %,16d%n",
          Names.printable(layer.module()),
          layer.op().getClass().getSimpleName(),
          view.graph().shape(layer.name()),
          counts.parameters(),
          counts.macs());
    }
  }
}
