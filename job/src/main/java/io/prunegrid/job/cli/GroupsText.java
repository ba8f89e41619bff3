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
  private GroupsText() {}

  static void print(PrintWriter out, List<ChannelGroup> groups) {
    int number = 0;
    for (ChannelGroup group : groups) {
      int size = group.classes().size();
      out.printf("group %d: %,d channel%s%n", ++number, size, size == 1 ? "" : "s");
      layers(out, "made by", group.producers());
      layers(out, "carried by", group.carriers());
      layers(out, "read by", group.consumers());
      group
          .held()
          .ifPresent(reason -> out.printf("  %-11s each %s%n", "stays", Names.printable(reason)));
    }
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
      entry.put("pinned", group.held().orElse(null));
      json.add(entry);
    }
    return json;
  }
}
