package io.prunegrid.job.sweep;

import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.pipeline.MethodConfig;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What is to be known of a network before anything runs on it. */
interface NetworkFacts {
  /** Names of the layers that own weights, for globs. */
  Collection<String> layers();

  /** Names of its convolutions and linear layers, in topological order. */
  List<String> scoredLayers();

  /**
   * Why a criterion can remove nothing from the network under this selection, whatever the ratio.
   */
  Optional<String> unprunable(MethodConfig method, SelectionConfig selection);

  /**
   * Why a subset of the data's classes cannot be used.
   *
   * @param classes original class indices; empty for all classes
   */
  Optional<String> unusable(List<Integer> classes);
}
