package io.prunegrid.pipeline;

import io.prunegrid.channel.Heads;
import io.prunegrid.common.BadInput;
import io.prunegrid.data.Dataset;
import io.prunegrid.data.Samples;
import io.prunegrid.format.MaskedWeights;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A network with its weights, and what its outputs stand for.
 *
 * @param model graph and weights
 * @param network the zoo name it began as
 * @param headClasses the data's class of each output, in output order
 * @param data the data a model folder was made with
 * @param weightsHash SHA-256 of the checkpoint file, or of the tensors where there is no such file
 * @param masked which weights a model folder says are masked, and what they were
 */
public record LoadedModel(
    Model model,
    String network,
    List<Integer> headClasses,
    Optional<String> data,
    String weightsHash,
    Optional<MaskedWeights> masked) {

  public LoadedModel {
    headClasses = List.copyOf(headClasses);
  }

  /** A network of which nothing is masked. */
  public LoadedModel(
      Model model,
      String network,
      List<Integer> headClasses,
      Optional<String> data,
      String weightsHash) {
    this(model, network, headClasses, data, weightsHash, Optional.empty());
  }

  /**
   * The network with its head reduced to these classes, in this order; the same one where the head
   * has just these.
   *
   * @param classes original class indices
   * @throws BadInput naming the classes that no output stands for
   */
  public LoadedModel reducedTo(List<Integer> classes) {
    requireInHead(classes);
    if (classes.equals(headClasses)) {
      return this;
    }
    List<Integer> rows = classes.stream().map(headClasses::indexOf).toList();
    return new LoadedModel(Heads.keepRows(model, rows), network, classes, data, weightsHash);
  }

  /**
   * The images of the classes the head knows, each with its output as the target.
   *
   * @throws BadInput where the images are not of the network's shape, or have none of its classes
   */
  public Samples samplesOf(Dataset dataset) {
    requireImages(dataset.imageShape());
    int classes = dataset.classNames().size();
    List<Integer> known = headClasses.stream().filter(label -> label < classes).toList();
    boolean inOrder = IntStream.range(0, known.size()).allMatch(i -> known.get(i) == i);
    Samples all = Samples.all(dataset);
    if (inOrder && known.size() == classes) {
      return all;
    }
    List<Integer> surplus = headClasses.stream().filter(label -> label >= classes).toList();
    if (!surplus.isEmpty()) {
      throw new BadInput(
          "the network's head has classes "
              + listed(surplus)
              + ", but "
              + dataset.spec()
              + " has classes 0 to "
              + (classes - 1));
    }
    return all.remapped(headClasses);
  }

  /**
   * Checks that the network classifies such images.
   *
   * @param image {@code (channel, height, width)}
   * @throws BadInput naming both shapes, or the outputs of a network that classifies nothing
   */
  public void requireImages(Shape image) {
    Heads.requireClassifier(network, model.graph());
    if (!model.graph().input().equals(image)) {
      throw new BadInput(
          "the images have the shape "
              + image
              + ", but the network reads "
              + model.graph().input());
    }
  }

  /**
   * Checks that each of these classes has an output.
   *
   * @throws BadInput naming the classes that no output stands for
   */
  public void requireInHead(List<Integer> classes) {
    List<Integer> absent = new ArrayList<>(classes);
    absent.removeAll(headClasses);
    if (!absent.isEmpty()) {
      throw new BadInput(
          "the network's head has no output for "
              + (absent.size() == 1 ? "class " : "classes ")
              + listed(absent)
              + "; it has classes "
              + listed(headClasses));
    }
  }

  private static String listed(List<Integer> classes) {
    boolean run =
        classes.size() > 2
            && IntStream.range(1, classes.size())
                .allMatch(i -> classes.get(i) == classes.get(0) + i);
    if (run) {
      return classes.get(0) + " to " + classes.get(classes.size() - 1);
    }
    return classes.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }
}
