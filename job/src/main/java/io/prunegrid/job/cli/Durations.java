package io.prunegrid.job.cli;

/** Times as people say them. */
final class Durations {
  private Durations() {}

  /** For instance {@code 40 s}, {@code 3 min 20 s}, {@code 2 h 5 min}. */
  static String text(long seconds) {
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return seconds / 60 + " min" + (seconds % 60 == 0 ? "" : " " + seconds % 60 + " s");
    }
    return seconds / 3600 + " h" + (seconds / 60 % 60 == 0 ? "" : " " + seconds / 60 % 60 + " min");
  }
}
