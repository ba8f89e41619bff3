package io.prunegrid.pipeline;

import io.prunegrid.channel.AttentionUnit;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.PassKind;
import io.prunegrid.criterion.Sight;
import java.util.List;
import java.util.Optional;

/**
 * What the scores of two cells must have in common to be made in one pass over the images.
 *
 * @param base key of the network
 * @param model where the network comes from
 * @param data where the images come from
 * @param subset classes whose images are seen; empty for all
 * @param sight what is seen, and under which head
 * @param samples how many images at most; 0 for all
 * @param samplesPerClass how many of each class at most; 0 for all
 * @param attention what classes of coupled channels the scores are for
 * @param kind what the pass computes
 */
public record SharedPass(
    String base,
    ModelConfig model,
    String data,
    List<Integer> subset,
    Sight sight,
    int samples,
    int samplesPerClass,
    AttentionUnit attention,
    PassKind kind) {

  /**
   * The pass that a cell's scores could share.
   *
   * @param base key of the cell's base
   * @return empty where its criterion looks at no images, or has to look alone
   */
  public static Optional<SharedPass> of(CellConfig cell, String base) {
    MethodConfig method = cell.method();
    Sight sight = Sight.of(method.parameters());
    return Criteria.named(method.name())
        .pass(method.parameters())
        .map(
            kind ->
                new SharedPass(
                    base,
                    cell.model(),
                    cell.data(),
                    sight.dependsOnSubset() ? cell.subset().classes() : List.of(),
                    sight,
                    method.samples(),
                    method.samplesPerClass(),
                    cell.selection().limits().attention(),
                    kind));
  }
}
