package io.prunegrid.criterion;

import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Parameter.Choice;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    contradiction(parameters)
        .ifPresent(
            refusal -> {
              throw new BadInput(refusal.problem());
            });
    return new Sight(
        seesAll(parameters) ? Images.ALL : Images.SUBSET,
        headIsReduced(parameters) ? Head.SUBSET : Head.FULL);
  }

  /** Why these parameters do not go together; empty where they do. */
  static Optional<Refusal> contradiction(Map<String, String> parameters) {
    return seesAll(parameters) && headIsReduced(parameters)
        ? Optional.of(
            new Refusal(
                List.of(SEES.name(), HEAD.name()),
                "sees is 'all' and head is 'subset', but the subset's head has no output for the"
                    + " images of other classes; allowed: one of the two"))
        : Optional.empty();
  }

  private static boolean seesAll(Map<String, String> parameters) {
    return parameters.getOrDefault(SEES.name(), "subset").equals("all");
  }

  private static boolean headIsReduced(Map<String, String> parameters) {
    return parameters.getOrDefault(HEAD.name(), "full").equals("subset");
  }

  /** Whether what is seen changes with the wanted classes. */
  public boolean dependsOnSubset() {
    return images == Images.SUBSET;
  }
}
