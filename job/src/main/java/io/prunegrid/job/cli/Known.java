package io.prunegrid.job.cli;

import io.prunegrid.criterion.Criteria;
import io.prunegrid.zoo.Zoo;
import java.util.ArrayList;

/** Names for the help, so that it lists what there is. */
final class Known {
  private Known() {}

  /** Networks of the zoo. */
  static final class Networks extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Networks() {
      super(Zoo.names());
    }
  }

  /** Criteria. */
  static final class Methods extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Methods() {
      super(Criteria.names());
    }
  }
}
