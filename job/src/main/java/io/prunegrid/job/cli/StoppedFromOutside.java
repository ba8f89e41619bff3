package io.prunegrid.job.cli;

/** The process is told to end, which was said already. */
final class StoppedFromOutside extends RuntimeException {
  private static final long serialVersionUID = 1;

  StoppedFromOutside() {
    super("the process was told to end");
  }
}
