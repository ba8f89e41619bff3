package io.prunegrid.zoo;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The networks known by name. Their layers carry the names of the published PyTorch code, so that
 * its checkpoints fit: akamaster's CIFAR ResNets, torchvision's networks.
 */
public final class Zoo {
  private static final NetworkSize CIFAR = new NetworkSize(10, 3, 32, 32);

  /** A tensor of more values fits into no Java array. */
  private static final long MAX_TENSOR = Integer.MAX_VALUE - 8;

  /** A recipe and the size at which it was published. */
  record Entry(Recipe recipe, NetworkSize published) {}

  private static final Map<String, Entry> ENTRIES = entries();

  private Zoo() {}

  private static Map<String, Entry> entries() {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (int depth : new int[] {20, 32, 44, 56, 110}) {
      entries.put("resnet" + depth, new Entry(new CifarResNet(depth), CIFAR));
    }
    entries.put("cifarvgg", new Entry(new CifarVgg(), CIFAR));
    TorchvisionNetworks.entries().forEach(entries::put);
    entries.put("survey-cnn", new Entry(new SurveyCnn(), CIFAR));
    entries.put("small-cnn", new Entry(new SmallCnn(), new NetworkSize(10, 1, 14, 14)));
    return Collections.unmodifiableMap(entries);
  }

  /** Every name {@link #build} knows, families together. */
  public static List<String> names() {
    return List.copyOf(ENTRIES.keySet());
  }

  public static boolean contains(String name) {
    return ENTRIES.containsKey(name);
  }

  /**
   * Classes and image shape of the published network.
   *
   * @throws BadInput for an unknown name, with the nearest known one
   */
  public static NetworkSize publishedSize(String name) {
    return entry(name).published;
  }

  /**
   * Builds a network.
   *
   * @throws BadInput for an unknown name, or for a size the network cannot have, with the node at
   *     which it fails
   */
  public static ModelGraph build(String name, NetworkSize size) {
    Entry entry = entry(name);
    List<String> problems = new ArrayList<>();
    expectPositive(problems, "classes", size.classes());
    expectPositive(problems, "input channels", size.channels());
    expectPositive(problems, "rows of pixels", size.height());
    expectPositive(problems, "columns of pixels", size.width());
    if (!problems.isEmpty()) {
      throw new BadInput(problems.stream().map(problem -> name + " needs " + problem).toList());
    }
    ModelGraph graph;
    try {
      graph = entry.recipe.build(size);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new BadInput(
          name
              + " cannot be built for "
              + size.classes()
              + " classes and images of shape "
              + size.input()
              + ": "
              + e.getMessage(),
          e);
    }
    graph.parameters().forEach((parameter, spec) -> expectHoldable(name, parameter, spec.shape()));
    graph.nodes().forEach(node -> expectHoldable(name, node.name(), graph.shape(node.name())));
    return graph;
  }

  /**
   * These tensors without those of auxiliary heads, which published files hold and the network that
   * {@link #build} makes has not.
   *
   * @throws BadInput for an unknown name
   */
  public static Map<String, Tensor> withoutAuxiliary(String name, Map<String, Tensor> tensors) {
    List<String> beginnings = entry(name).recipe.auxiliary();
    Map<String, Tensor> kept = new LinkedHashMap<>(tensors);
    kept.keySet().removeIf(parameter -> beginnings.stream().anyMatch(parameter::startsWith));
    return kept;
  }

  private static Entry entry(String name) {
    Entry entry = ENTRIES.get(name);
    if (entry == null) {
      throw new BadInput(Names.unknown("network", name, names()));
    }
    return entry;
  }

  private static void expectPositive(List<String> problems, String what, int found) {
    if (found < 1) {
      problems.add("a number of " + what + " of at least 1, found " + found);
    }
  }

  private static void expectHoldable(String network, String place, Shape shape) {
    if (shape.size() > MAX_TENSOR) {
      throw new BadInput(
          network
              + " would have "
              + shape.size()
              + " values in "
              + place
              + " "
              + shape
              + "; a tensor holds at most "
              + MAX_TENSOR);
    }
  }
}
