package io.prunegrid.job.cli;

import io.prunegrid.channel.ChannelGroup;
import io.prunegrid.common.Names;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Groups of coupled channels, for people and as JSON. */
final class GroupsText {
  /** How many runs of channels a line shows. */
  private static final int RUNS = 6;

  private GroupsText() {}

  static void print(PrintWriter out, List<ChannelGroup> groups) {
    int number = 0;
    for (ChannelGroup group : groups) {
      int size = group.classes().size();
      int each = group.positions().values().stream().mapToInt(GroupsText::width).max().orElse(1);
      out.printf(
          "group %d: %,d %schannel%s%n",
          ++number, size, each == 1 ? "" : "x " + each + " ", size * each == 1 ? "" : "s");
      layers(
          out, "made by", group.producers().stream().map(layer -> placed(layer, group)).toList());
      layers(out, "carried by", group.carriers());
      layers(out, "read by", group.consumers());
      group
          .held()
          .ifPresent(reason -> out.printf("  %-11s each %s%n", "stays", Names.printable(reason)));
    }
  }

  /** How many channels of a layer belong together. */
  private static int width(List<List<Integer>> classes) {
    return classes.stream().mapToInt(List::size).max().orElse(1);
  }

  /** A layer with its output channels in the order of the classes, as runs where they follow. */
  private static String placed(String layer, ChannelGroup group) {
    List<Integer> positions = group.positions().get(layer).stream().flatMap(List::stream).toList();
    List<String> runs = new ArrayList<>();
    for (int from = 0; from < positions.size() && runs.size() <= RUNS; ) {
      int to = from + 1;
      while (to < positions.size() && positions.get(to) == positions.get(to - 1) + 1) {
        to++;
      }
      int first = positions.get(from);
      int last = positions.get(to - 1);
      runs.add(first == last ? String.valueOf(first) : first + "-" + last);
      from = to;
    }
    String listed = String.join(" ", runs.subList(0, Math.min(RUNS, runs.size())));
    return layer + " [" + listed + (runs.size() > RUNS ? " ..." : "") + "]";
  }

  private static void layers(PrintWriter out, String what, List<String> layers) {
    if (!layers.isEmpty()) {
      out.printf("  %-11s %s%n", what, Names.printable(String.join(", ", layers)));
    }
  }

  static List<Object> json(List<ChannelGroup> groups) {
    List<Object> json = new ArrayList<>();
    for (ChannelGroup group : groups) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("channels", group.classes().size());
      entry.put("producers", group.producers());
      entry.put("carriers", group.carriers());
      entry.put("consumers", group.consumers());
      entry.put("positions", group.positions());
      entry.put("pinned", group.held().orElse(null));
      json.add(entry);
    }
    return json;
  }
}
