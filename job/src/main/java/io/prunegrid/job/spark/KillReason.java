package io.prunegrid.job.spark;

import io.prunegrid.job.schedule.FailureKind;
import io.prunegrid.job.store.Failure;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why the driver ends a task, in the one string that Spark carries to the executor. */
final class KillReason {
  private static final Pattern WRITTEN =
      Pattern.compile("prunegrid ([a-z_]+): (.*)", Pattern.DOTALL);

  private KillReason() {}

  /** What to tell Spark. */
  static String text(FailureKind kind, String reason) {
    return "prunegrid " + kind.column() + ": " + reason;
  }

  /** The failure that {@link #text} tells of; empty where somebody else ended the task. */
  static Optional<Failure> failure(String text) {
    Matcher matcher = WRITTEN.matcher(text);
    return matcher.matches()
        ? Optional.of(Failure.untold(FailureKind.ofColumn(matcher.group(1)), matcher.group(2)))
        : Optional.empty();
  }
}
