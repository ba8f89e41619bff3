package io.prunegrid.job.schedule;

/** Notices that the first items all fail in the same way, as they do where a sweep is wrong. */
final class SameFailures {
  private final int most;
  private String signature;
  private int count;
  private boolean armed;

  SameFailures(Policy policy) {
    this.most = policy.sameFailures();
    this.armed = most > 0;
  }

  /** One finished: whatever fails later, the sweep as a whole works. */
  void finished() {
    armed = false;
  }

  /** One failed; whether the run should stop. */
  boolean failed(String newSignature) {
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
    return count >= most;
  }
}
