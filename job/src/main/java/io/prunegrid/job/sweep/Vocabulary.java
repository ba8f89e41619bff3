package io.prunegrid.job.sweep;

import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Refusal;
import io.prunegrid.graph.Shape;
import io.prunegrid.pipeline.MethodConfig;
import io.prunegrid.pipeline.ModelConfig;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** What a sweep may speak of: the data, networks and criteria that exist here and now. */
interface Vocabulary {
  /**
   * Opens data.
   *
   * @throws BadInput saying what is unknown, missing or broken
   */
  DataFacts data(String spec);

  /**
   * Checks that a network exists, can be built for the data, and that its weights fit.
   *
   * @param spec what names the data
   * @param data absent where the data could not be opened
   * @return nothing where too little is known to tell
   * @throws BadInput saying what is unknown, missing or broken
   */
  Optional<NetworkFacts> network(
      ModelConfig model, Optional<String> spec, Optional<DataFacts> data);

  /**
   * What data look like as published, where all that is wrong with them is that they are absent.
   */
  default Optional<DataFacts> dataAsPublished(String spec) {
    return Optional.empty();
  }

  /** The same of a network, where all that is wrong with it is that its weights are absent. */
  default Optional<NetworkFacts> networkAsPublished(
      ModelConfig model, Optional<String> spec, Optional<DataFacts> data) {
    return Optional.empty();
  }

  /** Whether a cell starts by training the network: a zoo name without weights. */
  boolean isTrainedFromScratch(ModelConfig model);

  /** Names of all criteria. */
  List<String> criteria();

  /** Names of a criterion's own parameters. */
  List<String> parameters(String criterion);

  /** What is wrong with the values of a criterion's parameters. */
  List<Refusal> refusals(String criterion, SortedMap<String, String> given);

  /**
   * Every parameter of a criterion, canonically spelled, defaults filled in.
   *
   * @throws BadInput where {@link #refusals} has any
   */
  SortedMap<String, String> canonical(String criterion, SortedMap<String, String> given);

  /** Whether a criterion looks at images. */
  boolean readsImages(String criterion);

  /** Globs over layer names among a method's parameters, by the parameter's name. */
  SortedMap<String, List<String>> layerGlobs(MethodConfig method);

  /** Whether a method does nothing but change retraining. */
  boolean actsInRetraining(MethodConfig method);

  /** Whether sweeps are counted and never run, so that what they need may be absent. */
  default boolean onlyCounts() {
    return false;
  }

  /**
   * What is to be known of data before they are used.
   *
   * @param classNames in label order
   * @param imageShape {@code (channel, height, width)}
   */
  record DataFacts(List<String> classNames, Shape imageShape) {}
}
