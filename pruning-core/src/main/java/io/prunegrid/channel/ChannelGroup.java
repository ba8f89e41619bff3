package io.prunegrid.channel;

import io.prunegrid.common.Names;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Classes of coupled channels that occupy the same sides of the same layers, prunable or not: who
 * makes them, who passes them on, who reads them, and why they stay if they do.
 *
 * @param classes ids, ascending
 * @param producers layers that make the channels out of others; empty for those of the network's
 *     input
 * @param carriers layers that own weights for each channel by itself, such as batch norm
 * @param consumers layers that read and mix the channels
 * @param positions output channels of each producer, class by class
 * @param held why no channel of the group is removed; empty where each may be
 */
public record ChannelGroup(
    List<Integer> classes,
    List<String> producers,
    List<String> carriers,
    List<String> consumers,
    Map<String, List<List<Integer>>> positions,
    Optional<String> held) {
  public ChannelGroup {
    classes = List.copyOf(classes);
    producers = List.copyOf(producers);
    carriers = List.copyOf(carriers);
    consumers = List.copyOf(consumers);
    positions = Collections.unmodifiableMap(new LinkedHashMap<>(positions));
  }

  /** Every group of a network by its first class, each class in one of them. */
  public static List<ChannelGroup> of(CoupledChannels channels, SelectionConfig config) {
    Map<List<Object>, List<ChannelClass>> alike = new LinkedHashMap<>();
    for (ChannelClass each : channels.classes()) {
      List<Object> places = new ArrayList<>();
      each.sites().forEach(site -> places.add(site.side() + " " + site.layer()));
      places.add(each.pinned());
      alike.computeIfAbsent(places, p -> new ArrayList<>()).add(each);
    }
    List<String> guarded = config.guarded(channels.graph());
    return alike.values().stream().map(classes -> of(channels, config, guarded, classes)).toList();
  }

  private static ChannelGroup of(
      CoupledChannels channels,
      SelectionConfig config,
      List<String> guarded,
      List<ChannelClass> classes) {
    ChannelClass first = classes.get(0);
    List<String> written = layers(first, Side.OUT);
    Optional<String> held =
        first
            .pinned()
            .or(() -> named(written, config.ignore(), "ignored"))
            .or(() -> named(written, guarded, "protected"));
    List<String> producers =
        written.stream().filter(layer -> channels.read(layer) != null).toList();
    return new ChannelGroup(
        classes.stream().map(ChannelClass::id).toList(),
        producers,
        written.stream().filter(layer -> channels.read(layer) == null).toList(),
        layers(first, Side.IN),
        positions(classes, producers),
        held);
  }

  private static Map<String, List<List<Integer>>> positions(
      List<ChannelClass> classes, List<String> producers) {
    Map<String, List<List<Integer>>> positions = new LinkedHashMap<>();
    producers.forEach(layer -> positions.put(layer, new ArrayList<>()));
    for (ChannelClass each : classes) {
      for (Site site : each.sites()) {
        if (site.side() == Side.OUT && positions.containsKey(site.layer())) {
          positions.get(site.layer()).add(IntStream.of(site.positions()).boxed().toList());
        }
      }
    }
    return positions;
  }

  private static List<String> layers(ChannelClass channels, Side side) {
    Set<String> layers = new LinkedHashSet<>();
    channels.sites().stream()
        .filter(site -> site.side() == side)
        .forEach(site -> layers.add(site.layer()));
    return List.copyOf(layers);
  }

  private static Optional<String> named(List<String> layers, List<String> globs, String what) {
    List<Pattern> patterns = globs.stream().map(Names::glob).toList();
    Stream<String> matching =
        layers.stream()
            .filter(layer -> patterns.stream().anyMatch(glob -> glob.matcher(layer).matches()));
    return matching.findFirst().map(layer -> "is written by '" + layer + "', which is " + what);
  }
}
