package io.prunegrid.job.spark;

import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the exit code of a lost executor means, in words behind Spark's own. */
final class ExitCodes {
  private static final Pattern CODE =
      Pattern.compile(
          "(?:exited with code|exit code|exit status:?) (-?\\d+)", Pattern.CASE_INSENSITIVE);

  private static final Map<Integer, String> MEANINGS =
      Map.of(
          50, "an error that nothing caught",
          51, "an error that nothing caught, and another one while logging it",
          52, "the heap ran out in one of Spark's own threads",
          134, "aborted in native code",
          137, "killed from outside, often because the machine's memory ran out",
          139, "a segmentation fault in native code",
          143, "asked to end from outside");

  private static final Set<Integer> SIGNALS_FROM_OUTSIDE = Set.of(137, 143);

  private ExitCodes() {}

  /** Whether a reason names the exit code of a process that was killed or asked to end. */
  static boolean isSignalFromOutside(String reason) {
    Matcher matcher = CODE.matcher(reason);
    return matcher.find() && SIGNALS_FROM_OUTSIDE.contains(Integer.valueOf(matcher.group(1)));
  }

  /** Spark's reason for a loss, and what its exit code means where one is known. */
  static String explained(String reason) {
    Matcher matcher = CODE.matcher(reason);
    if (!matcher.find()) {
      return reason;
    }
    String meaning = MEANINGS.get(Integer.valueOf(matcher.group(1)));
    return meaning == null ? reason : reason.strip() + " (" + meaning + ")";
  }
}
