package io.prunegrid.format;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a model folder says of its model.
 *
 * @param version of the folder's format; {@link #VERSION} for what is written now
 * @param network name of the network the model came from, for instance {@code resnet20}
 * @param headClasses the original class of each output, in order; none where the network has
 *     several outputs
 * @param data the data the model is for, as {@code --data} names it, where known
 * @param made what made the model: method, ratio, key and the like, by name
 */
public record ModelCard(
    int version,
    String network,
    List<Integer> headClasses,
    Optional<String> data,
    SortedMap<String, String> made) {
  /** The newest version of the folder's format. */
  public static final int VERSION = 1;

  public ModelCard {
    headClasses = List.copyOf(headClasses);
    made = Collections.unmodifiableSortedMap(new TreeMap<>(made));
  }

  /** A card of the newest version. */
  public ModelCard(
      String network,
      List<Integer> headClasses,
      Optional<String> data,
      SortedMap<String, String> made) {
    this(VERSION, network, headClasses, data, made);
  }
}
