package io.prunegrid.testing;

import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.SelectionConfig.OnEmpty;
import io.prunegrid.channel.SelectionConfig.Scope;
import io.prunegrid.format.Checkpoints;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Procedural;
import io.prunegrid.zoo.Zoo;
import java.util.List;
import java.util.stream.Stream;

/** A network of which Torch-Pruning's results are recorded, as it was pruned there. */
public final class RecordedNetwork {
  private static final int DENSE_RESOLUTION = 128;

  private final String record;

  /** The records of networks on which the reference is right, one for each structure. */
  public static Stream<String> names() {
    return Stream.of(
        "alexnet",
        "convnext_tiny",
        "densenet121",
        "efficientnet_b0",
        "fcn_resnet50",
        "googlenet",
        "mobilenet_v2",
        "resnet18",
        "resnet20_inner",
        "resnet50",
        "resnet56_inner",
        "retinanet_dense",
        "squeezenet1_1",
        "vgg16",
        "vgg16_bn",
        "vit_b_16");
  }

  /**
   * Names a network.
   *
   * @param record of the record: {@code resnet50}, {@code resnet20_inner}, {@code
   *     resnet20_inner_grad}
   */
  public RecordedNetwork(String record) {
    this.record = record;
  }

  /** The structure, for images of the recorded size. */
  public ModelGraph graph() {
    String network = record.replaceAll("_inner|_grad", "");
    NetworkSize published = Zoo.publishedSize(network);
    boolean dense = network.startsWith("fcn") || network.startsWith("retinanet");
    return Zoo.build(network, dense ? published.withResolution(DENSE_RESOLUTION) : published);
  }

  /** The network with trained weights where it has some, with generated ones elsewhere. */
  public Model model() {
    ModelGraph graph = graph();
    if (record.startsWith("resnet20")) {
      return trained(graph, "resnet20-12fca82f.th");
    }
    return record.startsWith("resnet56")
        ? trained(graph, "resnet56-4bfd9763.th")
        : new Model(graph, Procedural.weights(graph));
  }

  private static Model trained(ModelGraph graph, String file) {
    return Model.bind(graph, Checkpoints.read(Shared.require("data/weights/" + file)), file);
  }

  /** What a configuration asks for, in this project's words; one step. */
  public SelectionConfig selection(PruningOracle.Configuration recorded) {
    return selection(recorded.isGlobal() ? Scope.GLOBAL : Scope.LOCAL, recorded.roundTo());
  }

  /** As the reference selects: layers that would be empty are left whole. */
  public SelectionConfig selection(Scope scope, int roundTo) {
    SelectionConfig defaults = SelectionConfig.defaults();
    return new SelectionConfig(
        scope,
        defaults.rounding(),
        OnEmpty.SKIP,
        1,
        roundTo,
        record.contains("_inner") ? List.of("conv1", "*.conv2") : List.of(),
        List.of(),
        defaults.ties(),
        defaults.apply());
  }
}
