package io.prunegrid.data;

import java.util.Arrays;
import java.util.List;

/**
 * What a data set contains, without its images.
 *
 * @param train content hash of the training part
 * @param test content hash of the test part
 * @param trainCounts images of each class in the training part
 * @param testCounts images of each class in the test part
 */
public record Fingerprint(
    String train, String test, List<Integer> trainCounts, List<Integer> testCounts) {
  public Fingerprint {
    trainCounts = List.copyOf(trainCounts);
    testCounts = List.copyOf(testCounts);
  }

  /**
   * Reads both parts.
   *
   * @throws io.prunegrid.common.BadInput where one is absent or broken
   */
  public static Fingerprint of(DataSource source) {
    Dataset train = source.train();
    Dataset test = source.test();
    return new Fingerprint(train.contentHash(), test.contentHash(), counts(train), counts(test));
  }

  /** Content hash of a part. */
  public String of(Part part) {
    return part == Part.TRAIN ? train : test;
  }

  private static List<Integer> counts(Dataset dataset) {
    return Arrays.stream(Samples.all(dataset).countsPerClass()).boxed().toList();
  }
}
