package io.prunegrid.job.store;

/**
 * How a results folder is cut into files.
 *
 * @param rowsPerFile rows of all tables in one segment of the journal, which becomes one Parquet
 *     file a table; at least 1
 * @param bytesPerSegment a segment is also closed when it has this many bytes; at least 1
 */
public record ResultsOptions(int rowsPerFile, long bytesPerSegment) {
  /** System property: rows of one file, where 10,000 are too many to see files come. */
  public static final String ROWS_PER_FILE = "prunegrid.rows.per.file";

  /** 10,000 rows a file (a cell and its attempt are two), segments of at most 64 MiB. */
  public static final ResultsOptions DEFAULT =
      new ResultsOptions(Integer.getInteger(ROWS_PER_FILE, 10_000), 64L << 20);

  public ResultsOptions {
    if (rowsPerFile < 1 || bytesPerSegment < 1) {
      throw new IllegalArgumentException("rows and bytes of a file must be at least 1");
    }
  }
}
