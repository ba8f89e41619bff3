package io.prunegrid.job.spark;

import io.prunegrid.job.store.Failure;

/** Two listeners as one. */
record BothListeners(RunListener one, RunListener other) implements RunListener {
  @Override
  public void planned(Progress progress) {
    one.planned(progress);
    other.planned(progress);
  }

  @Override
  public void began(WorkItem item, String place, double expectedSeconds, Progress progress) {
    one.began(item, place, expectedSeconds, progress);
    other.began(item, place, expectedSeconds, progress);
  }

  @Override
  public void handedOver(WorkItem item, double seconds, Progress progress) {
    one.handedOver(item, seconds, progress);
    other.handedOver(item, seconds, progress);
  }

  @Override
  public void finished(WorkItem item, double seconds, Progress progress) {
    one.finished(item, seconds, progress);
    other.finished(item, seconds, progress);
  }

  @Override
  public void failed(WorkItem item, Failure failure, String log, Progress progress) {
    one.failed(item, failure, log, progress);
    other.failed(item, failure, log, progress);
  }

  @Override
  public void retried(WorkItem item, Failure failure, Progress progress) {
    one.retried(item, failure, progress);
    other.retried(item, failure, progress);
  }

  @Override
  public void excluded(String what, String reason) {
    one.excluded(what, reason);
    other.excluded(what, reason);
  }

  @Override
  public void stopped(String reason, Progress progress) {
    one.stopped(reason, progress);
    other.stopped(reason, progress);
  }

  @Override
  public void blocked(WorkItem item, Failure because, Progress progress) {
    one.blocked(item, because, progress);
    other.blocked(item, because, progress);
  }
}
