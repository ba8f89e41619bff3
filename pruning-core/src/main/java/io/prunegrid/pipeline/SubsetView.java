package io.prunegrid.pipeline;

import io.prunegrid.channel.Heads;
import io.prunegrid.common.BadInput;
import io.prunegrid.data.Dataset;
import io.prunegrid.data.Samples;
import io.prunegrid.graph.Model;
import io.prunegrid.zoo.Initialization;
import java.util.List;

/**
 * A class subset as a cell sees it: which images, with which targets, under which head.
 *
 * @param classes original classes of the subset, in order
 * @param base the unpruned network with its whole head
 * @param head what becomes of the head
 */
record SubsetView(List<Integer> classes, LoadedModel base, Head head) {

  /**
   * The cell's subset under its base.
   *
   * @param dataClasses number of classes of the data
   * @throws BadInput where the network does not know a class of the subset
   */
  static SubsetView of(CellConfig cell, LoadedModel base, int dataClasses) {
    List<Integer> classes =
        cell.subset().isAll()
            ? base.headClasses().stream().filter(label -> label < dataClasses).toList()
            : cell.subset().classes();
    base.requireInHead(classes);
    return new SubsetView(classes, base, cell.head());
  }

  /** The same subset under a network that began as the base. */
  SubsetView with(Model model) {
    LoadedModel changed =
        new LoadedModel(model, base.network(), base.headClasses(), base.data(), base.weightsHash());
    return new SubsetView(classes, changed, head);
  }

  /** The subset's images with targets for the whole head: what criteria see. */
  Samples forScoring(Dataset data) {
    return base.samplesOf(data).ofClasses(classes);
  }

  /** The subset's images with targets for the cell's head: what evaluation and retraining see. */
  Samples forHead(Dataset data) {
    return head == Head.FULL ? forScoring(data) : Samples.all(data).remapped(classes);
  }

  /** Original class of each output under the cell's head. */
  List<Integer> outputs() {
    return head == Head.FULL ? base.headClasses() : classes;
  }

  /** A network that began as the base, under the cell's head. */
  Model apply(Model model, long headSeed) {
    return switch (head) {
      case FULL -> model;
      case SUBSET -> classes.equals(base.headClasses()) ? model : Heads.keepRows(model, rows());
      case NEW ->
          Heads.fresh(model, classes.size(), graph -> Initialization.weights(graph, headSeed));
    };
  }

  /** The whole head's rows that the subset keeps, in order. */
  List<Integer> rows() {
    return classes.stream().map(base.headClasses()::indexOf).toList();
  }
}
