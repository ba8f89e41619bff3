package io.prunegrid.pipeline;

import java.io.Serializable;
import java.util.List;

/**
 * Selected classes, in order; they become 0..k-1 where the head is reduced to them.
 *
 * @param name what to call it in a row: {@code all}, a name the sweep gives, or the classes joined
 *     by commas
 * @param classes original class indices; empty for all classes of the data
 */
public record SubsetConfig(String name, List<Integer> classes) implements Serializable {
  public static final SubsetConfig ALL = new SubsetConfig("all", List.of());

  public SubsetConfig {
    classes = List.copyOf(classes);
  }

  public boolean isAll() {
    return classes.isEmpty();
  }
}
