package io.prunegrid.job.spark;

import io.prunegrid.job.schedule.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The items of a run and, by their numbers, what each needs, which share what they load and how
 * long each should take.
 *
 * @param items each at its number's place
 * @param load what the scheduler knows of them
 */
public record Work(List<WorkItem> items, Workload load) {
  public Work {
    items = List.copyOf(items);
    if (items.size() != load.size()) {
      throw new IllegalArgumentException(
          items.size() + " items, but " + load.size() + " in the workload");
    }
  }

  /** Collects items. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects items; what they need may be added later. */
  public static final class Builder {
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<String, Integer> groups = new HashMap<>();
    private final List<Added> added = new ArrayList<>();

    private record Added(
        WorkItem item, List<String> needs, int group, double seconds, double limitSeconds) {}

    private Builder() {}

    /**
     * Adds an item.
     *
     * @param needs keys of items of the same run that must have finished first
     * @param group items of the same name load the same inputs and go well one after the other
     * @param seconds how long it should take, above 0
     * @param limitSeconds when it is ended; 0 for never
     * @throws IllegalArgumentException where another item has its key
     */
    public Builder add(
        WorkItem item,
        Collection<String> needs,
        String group,
        double seconds,
        double limitSeconds) {
      if (numbers.putIfAbsent(item.key(), added.size()) != null) {
        throw new IllegalArgumentException("two items have the key " + item.key());
      }
      int number = groups.computeIfAbsent(group, name -> groups.size());
      added.add(new Added(item, List.copyOf(needs), number, seconds, limitSeconds));
      return this;
    }

    /** Adds an item that needs nothing, shares nothing and may take as long as it likes. */
    public Builder add(WorkItem item) {
      return add(item, List.of(), item.key(), 1, 0);
    }

    /**
     * The work.
     *
     * @throws IllegalArgumentException where an item needs one that is not there, or items need
     *     each other in a circle
     */
    public Work build() {
      Workload.Builder load = Workload.builder();
      for (Added one : added) {
        int[] needs = one.needs().stream().mapToInt(need -> number(one.item(), need)).toArray();
        load.add(one.group(), one.seconds(), one.limitSeconds(), needs);
      }
      return new Work(added.stream().map(Added::item).toList(), load.build());
    }

    private int number(WorkItem item, String need) {
      Integer number = numbers.get(need);
      if (number == null) {
        throw new IllegalArgumentException(
            item.label() + " needs " + need + ", which is no item of this run");
      }
      return number;
    }
  }
}
