package io.prunegrid.pipeline;

import io.prunegrid.channel.ChannelClass;
import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.KeptChannels;
import io.prunegrid.channel.LayerKept;
import io.prunegrid.channel.Side;
import io.prunegrid.channel.Site;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.format.SelectionFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Channels that a person chose, layer by layer, against what lives and dies together. Channels are
 * listed where they are made; layers that pass them on, such as batch norm, follow.
 */
public final class ChosenChannels {
  private final CoupledChannels channels;

  /** For each layer that makes channels, the class at each of its outputs. */
  private final Map<String, int[]> made = new LinkedHashMap<>();

  private final List<String> problems = new ArrayList<>();

  /** For each class that goes, where it was listed first. */
  private final Map<Integer, String> asked = new TreeMap<>();

  private ChosenChannels(CoupledChannels channels) {
    this.channels = channels;
    List<String> layers = channels.graph().layers().stream().map(layer -> layer.module()).toList();
    Set<String> mixers =
        layers.stream()
            .filter(layer -> channels.inClasses(layer).isPresent())
            .collect(Collectors.toSet());
    Set<String> makers = new HashSet<>();
    for (ChannelClass each : channels.classes()) {
      List<String> out =
          each.sites().stream()
              .filter(site -> site.side() == Side.OUT)
              .map(Site::layer)
              .distinct()
              .toList();
      List<String> mixing = out.stream().filter(mixers::contains).toList();
      makers.addAll(mixing.isEmpty() ? out : mixing);
    }
    layers.stream()
        .filter(makers::contains)
        .forEach(layer -> made.put(layer, channels.outClasses(layer)));
  }

  /**
   * What was removed, in the form that {@link #classes} reads.
   *
   * @param layers what is left of each layer
   */
  public static SelectionFile listed(
      String network, CoupledChannels channels, Map<String, LayerKept> layers) {
    Map<String, SelectionFile.Layer> listed = new LinkedHashMap<>();
    for (String layer : new ChosenChannels(channels).made.keySet()) {
      KeptChannels out = layers.get(layer).out();
      BitSet kept = new BitSet();
      Arrays.stream(out.kept()).forEach(kept::set);
      List<Integer> removed =
          IntStream.range(0, out.of()).filter(channel -> !kept.get(channel)).boxed().toList();
      listed.put(layer, new SelectionFile.Layer(out.of(), removed));
    }
    return new SelectionFile(network, listed);
  }

  /**
   * The classes that go: each with every channel that it has in any layer that makes it, and no
   * other.
   *
   * @throws BadInput with everything that would break: layers and channels that are not there,
   *     channels that cannot go, channels that stay although they live and die with one that goes,
   *     layers that would be left without channels; and where nothing goes
   */
  public static BitSet classes(CoupledChannels channels, SelectionFile file) {
    ChosenChannels chosen = new ChosenChannels(channels);
    BitSet removed = chosen.checked(file.layers(), Set.of());
    chosen.refuseNothing(removed);
    if (!chosen.problems.isEmpty()) {
      throw new BadInput(chosen.problems);
    }
    return removed;
  }

  /**
   * The same of a file that a person wrote.
   *
   * @throws BadInput with everything that would break and everything that makes it no selection
   */
  public static BitSet classes(CoupledChannels channels, SelectionFile.Draft draft) {
    ChosenChannels chosen = new ChosenChannels(channels);
    BitSet removed = chosen.checked(draft.layers(), draft.doubtful());
    if (draft.problems().isEmpty()) {
      chosen.refuseNothing(removed);
    }
    draft.refuse(chosen.problems);
    return removed;
  }

  /**
   * @param doubtful layers that may list more than is known
   */
  private BitSet checked(Map<String, SelectionFile.Layer> layers, Set<String> doubtful) {
    Map<String, Set<Integer>> going = new HashMap<>();
    layers.forEach((name, layer) -> going.put(name, going(name, layer)));
    made.forEach(
        (name, ids) -> {
          if (!doubtful.contains(name)) {
            refuseHalf(name, ids, going.getOrDefault(name, Set.of()));
          }
        });
    BitSet removed = new BitSet();
    asked.keySet().forEach(removed::set);
    refuseEmpty(removed);
    return removed;
  }

  private void refuseNothing(BitSet removed) {
    if (problems.isEmpty() && removed.isEmpty()) {
      problems.add("nothing was removed: the selection lists no channel");
    }
  }

  /** The channels of one layer that go, as far as they are there and may. */
  private Set<Integer> going(String name, SelectionFile.Layer layer) {
    Set<Integer> going = new LinkedHashSet<>();
    int[] ids = made.get(name);
    if (ids == null) {
      if (!layer.remove().isEmpty() || !isLayer(name)) {
        problems.add(unlisted(name));
      }
      return going;
    }
    if (layer.of() > 0 && layer.of() != ids.length) {
      problems.add(
          "layer '" + name + "' has " + ids.length + " channels, the selection says " + layer.of());
    }
    for (int channel : layer.remove()) {
      String place = "layer '" + name + "' channel " + channel;
      if (channel < 0 || channel >= ids.length) {
        problems.add(place + " does not exist: channels are 0 to " + (ids.length - 1));
      } else if (!going.add(channel)) {
        problems.add(place + " is listed twice");
      } else {
        ask(ids[channel], place, "'" + name + "' " + channel);
      }
    }
    return going;
  }

  private void ask(int id, String place, String first) {
    Optional<String> pinned =
        id == CoupledChannels.NO_CLASS
            ? Optional.of("is zero whatever the input")
            : channels.classes().get(id).pinned();
    pinned.ifPresentOrElse(
        reason -> problems.add(place + " cannot go: it " + reason),
        () -> asked.putIfAbsent(id, first));
  }

  private boolean isLayer(String name) {
    return channels.graph().layers().stream().anyMatch(layer -> layer.module().equals(name));
  }

  private String unlisted(String name) {
    if (!isLayer(name)) {
      return Names.unknown("layer", name, List.copyOf(made.keySet()));
    }
    return "layer '"
        + name
        + "' passes on channels that other layers make; list them there, and it follows";
  }

  private void refuseHalf(String name, int[] ids, Set<Integer> going) {
    List<String> half = new ArrayList<>();
    for (int channel = 0; channel < ids.length; channel++) {
      if (asked.containsKey(ids[channel]) && !going.contains(channel)) {
        half.add(channel + " with " + asked.get(ids[channel]));
      }
    }
    if (!half.isEmpty()) {
      problems.add(
          "layer '"
              + name
              + "' keeps channels that live and die with others that go: "
              + String.join(", ", half));
    }
  }

  private void refuseEmpty(BitSet removed) {
    channels
        .graph()
        .layers()
        .forEach(
            layer -> {
              String name = layer.module();
              if (isEmptied(channels.outClasses(name), removed)) {
                problems.add("layer '" + name + "' would be left without channels");
              } else if (channels
                  .inClasses(name)
                  .filter(in -> isEmptied(in, removed))
                  .isPresent()) {
                problems.add("layer '" + name + "' would be left with nothing to read");
              }
            });
  }

  private static boolean isEmptied(int[] ids, BitSet removed) {
    return ids.length > 0
        && Arrays.stream(ids).allMatch(id -> id != CoupledChannels.NO_CLASS && removed.get(id));
  }
}
