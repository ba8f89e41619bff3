package io.prunegrid.channel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where every class lives, gathered one side of one layer after the other, and which classes live
 * in the same ones: each place parts the classes that are in it from those that were like them so
 * far. Linear in positions.
 */
final class ClassSites {
  private final List<List<Site>> sites;
  private final int[] found;
  private final int[] counts;
  private final int[] ends;
  private final int[] kinds;
  private int[] partedAt = {-1};
  private int[] partedInto = {0};
  private int kindCount = 1;
  private int place;

  /**
   * @param classes how many there are
   */
  ClassSites(int classes) {
    sites = new ArrayList<>(classes);
    for (int id = 0; id < classes; id++) {
      sites.add(new ArrayList<>());
    }
    found = new int[classes];
    counts = new int[classes];
    ends = new int[classes];
    kinds = new int[classes];
  }

  /**
   * Adds one side of a layer.
   *
   * @param ids the class at each position
   */
  void add(String layer, Side side, int[] ids) {
    int classes = 0;
    for (int id : ids) {
      if (id != CoupledChannels.NO_CLASS && counts[id]++ == 0) {
        found[classes++] = id;
      }
    }
    int end = 0;
    for (int i = 0; i < classes; i++) {
      ends[found[i]] = end;
      end += counts[found[i]];
    }
    int[] positions = new int[end];
    for (int position = 0; position < ids.length; position++) {
      if (ids[position] != CoupledChannels.NO_CLASS) {
        positions[ends[ids[position]]++] = position;
      }
    }
    for (int i = 0; i < classes; i++) {
      int id = found[i];
      sites.get(id).add(new Site(layer, side, positions, ends[id] - counts[id], ends[id]));
      counts[id] = 0;
      kinds[id] = parted(kinds[id]);
    }
    place++;
  }

  /** What those of a kind become that live in the place at hand as well. */
  private int parted(int kind) {
    if (partedAt[kind] != place) {
      if (kindCount == partedAt.length) {
        partedAt = Arrays.copyOf(partedAt, 2 * kindCount);
        partedInto = Arrays.copyOf(partedInto, 2 * kindCount);
      }
      partedAt[kind] = place;
      partedAt[kindCount] = -1;
      partedInto[kind] = kindCount++;
    }
    return partedInto[kind];
  }

  /** The places of a class, in the order in which they were added. */
  List<Site> of(int id) {
    return sites.get(id);
  }

  /** For each class the first one that lives in the same places. */
  int[] alike() {
    int[] first = new int[kindCount];
    Arrays.fill(first, -1);
    int[] alike = new int[kinds.length];
    for (int id = 0; id < alike.length; id++) {
      if (first[kinds[id]] < 0) {
        first[kinds[id]] = id;
      }
      alike[id] = first[kinds[id]];
    }
    return alike;
  }
}
