package io.prunegrid.job.schedule;

import java.util.HashSet;
import java.util.Set;

/**
 * Notices that the first items all fail in the same way, as they do where a sweep is wrong. Where
 * only one host has failed them and others are there, that host may be wrong instead.
 */
final class SameFailures {
  private final int most;
  private final Hosts hosts;
  private final Set<String> failedOn = new HashSet<>();
  private String signature;
  private int count;
  private boolean armed;

  SameFailures(Policy policy, Hosts hosts) {
    this.hosts = hosts;
    this.most = policy.sameFailures();
    this.armed = most > 0;
  }

  /** One finished: whatever fails later, the sweep as a whole works. */
  void finished() {
    armed = false;
  }

  /** One failed on a host; whether the run should stop. */
  boolean failed(String newSignature, String host) {
    if (!armed) {
      return false;
    }
    if (signature == null) {
      signature = newSignature;
    }
    if (!signature.equals(newSignature)) {
      armed = false;
      return false;
    }
    count++;
    failedOn.add(host);
    return count >= most && hosts.othersThan(failedOn) == Hosts.Others.NONE;
  }
}
