package io.prunegrid.job.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which hosts are to be trusted. One on which different items fail in a row, while items finish on
 * others, gets no more work.
 */
final class Hosts {
  private final int mostFailures;
  private final Map<String, Host> hosts = new HashMap<>();
  private long finished;

  /** Whether there is another host to go to. */
  enum Others {
    SOME,
    NONE
  }

  private static final class Host {
    private final Set<Integer> failedInRow = new LinkedHashSet<>();
    private long finishedHere;
    private long finishedElsewhereBefore;
    private int executors;
    private boolean excluded;
  }

  Hosts(Policy policy) {
    this.mostFailures = policy.hostFailures();
  }

  void joined(String host) {
    host(host).executors++;
  }

  void lost(String host) {
    host(host).executors--;
  }

  boolean isExcluded(String host) {
    return host(host).excluded;
  }

  Others othersThan(String host) {
    return othersThan(Set.of(host));
  }

  Others othersThan(Set<String> these) {
    for (Map.Entry<String, Host> entry : hosts.entrySet()) {
      Host other = entry.getValue();
      if (!these.contains(entry.getKey()) && other.executors > 0 && !other.excluded) {
        return Others.SOME;
      }
    }
    return Others.NONE;
  }

  void finished(String host) {
    Host at = host(host);
    finished++;
    at.finishedHere++;
    at.failedInRow.clear();
  }

  /**
   * Notes a failure.
   *
   * @return the items that failed there in a row, where the host is to be excluded; else empty
   */
  List<Integer> failed(String host, int item) {
    Host at = host(host);
    if (at.excluded || mostFailures == 0) {
      return List.of();
    }
    if (at.failedInRow.isEmpty()) {
      at.finishedElsewhereBefore = finished - at.finishedHere;
    }
    at.failedInRow.add(item);
    boolean othersFinish = finished - at.finishedHere > at.finishedElsewhereBefore;
    if (at.failedInRow.size() < mostFailures || !othersFinish || othersThan(host) == Others.NONE) {
      return List.of();
    }
    return exclude(at);
  }

  /**
   * Hosts that have failed everything so far, now that something has finished on another one: they
   * may have had all that there was before that.
   *
   * @return the items that failed on each; the hosts are to be excluded
   */
  Map<String, List<Integer>> failedAll(String finishedOn) {
    Map<String, List<Integer>> streaks = new TreeMap<>();
    hosts.forEach(
        (name, host) -> {
          boolean failsAll =
              mostFailures > 0
                  && !host.excluded
                  && host.finishedHere == 0
                  && host.failedInRow.size() >= mostFailures;
          if (failsAll && !name.equals(finishedOn)) {
            streaks.put(name, exclude(host));
          }
        });
    return streaks;
  }

  private static List<Integer> exclude(Host host) {
    host.excluded = true;
    List<Integer> streak = new ArrayList<>(host.failedInRow);
    host.failedInRow.clear();
    return streak;
  }

  private Host host(String name) {
    return hosts.computeIfAbsent(name, key -> new Host());
  }
}
