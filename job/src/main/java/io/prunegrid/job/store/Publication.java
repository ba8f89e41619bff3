package io.prunegrid.job.store;

/** What became of a publication that is durable now. */
public enum Publication {
  /** This one's rows are in the tables. */
  PUBLISHED,
  /** Another row had the key first and stays; this one's row of that key was dropped. */
  ALREADY_THERE
}
