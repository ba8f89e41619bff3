package io.prunegrid.criterion;

import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Parameter.Choice;
import java.util.List;
import java.util.Map;

/**
 * What a criterion sees of a cell whose classes are a subset.
 *
 * @param images whose images it scores with
 * @param head the network's classifier while it scores, and with it the labels
 */
public record Sight(Images images, Head head) {
  static final Choice SEES =
      new Choice(
          "sees",
          "subset",
          List.of("subset", "all"),
          "images to score with: those of the subset's classes, or of all classes");
  static final Choice HEAD =
      new Choice(
          "head",
          "full",
          List.of("full", "subset"),
          "the classifier while scoring: whole with original labels, or the subset's rows");

  /** Whose images. */
  public enum Images {
    SUBSET,
    ALL
  }

  /** Which classifier. */
  public enum Head {
    FULL,
    SUBSET
  }

  /**
   * What these parameters of a criterion say; the subset's images under the whole head where they
   * say nothing.
   *
   * @throws BadInput for all images under the subset's head, which has no output for most of them
   */
  public static Sight of(Map<String, String> parameters) {
    boolean all = parameters.getOrDefault(SEES.name(), "subset").equals("all");
    boolean reduced = parameters.getOrDefault(HEAD.name(), "full").equals("subset");
    if (all && reduced) {
      throw new BadInput(
          "sees is 'all' and head is 'subset', but the subset's head has no output for the images of"
              + " other classes; allowed: one of the two");
    }
    return new Sight(all ? Images.ALL : Images.SUBSET, reduced ? Head.SUBSET : Head.FULL);
  }

  /** Whether what is seen changes with the wanted classes. */
  public boolean dependsOnSubset() {
    return images == Images.SUBSET;
  }
}
