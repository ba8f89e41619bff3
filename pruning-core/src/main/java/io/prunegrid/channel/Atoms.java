package io.prunegrid.channel;

import java.util.Arrays;

/**
 * Symbolic channels and which of them are the same: union-find over the integers 0, 1, 2, ... in
 * the order of their creation.
 */
final class Atoms {
  /** A channel that is zero whatever the input: it is nobody's and binds nothing. */
  static final int ZERO = -1;

  private int[] parent = new int[256];
  private int count;

  int fresh() {
    if (count == parent.length) {
      parent = Arrays.copyOf(parent, 2 * count);
    }
    parent[count] = count;
    return count++;
  }

  int[] fresh(int number) {
    int[] atoms = new int[number];
    Arrays.setAll(atoms, i -> fresh());
    return atoms;
  }

  int find(int atom) {
    int root = atom;
    while (parent[root] != root) {
      parent[root] = parent[parent[root]];
      root = parent[root];
    }
    return root;
  }

  /** Unites two channels; the older one stands for both. Zero unites with nothing. */
  int unite(int a, int b) {
    if (a == ZERO || b == ZERO) {
      return Math.max(a, b);
    }
    int left = find(a);
    int right = find(b);
    int older = Math.min(left, right);
    parent[Math.max(left, right)] = older;
    return older;
  }

  int count() {
    return count;
  }
}
