package io.prunegrid.criterion;

import io.prunegrid.data.Samples;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A criterion that needs one pass over images. */
interface ImageCriterion extends Criterion {
  /** What takes in the images. */
  Collector collector(ScoringInput input);

  /** The images that it looks at. */
  default Optional<Samples> shown(ScoringInput input) {
    return input.samples();
  }

  @Override
  default Optional<PassKind> pass(Map<String, String> parameters) {
    return Optional.of(
        PassKind.of(
            needs().contains(Need.GRADIENTS)
                ? PassKind.Computed.GRADIENTS
                : PassKind.Computed.FORWARD));
  }

  @Override
  default Scores score(ScoringInput input) {
    return ScoringPass.run(List.of(new ScoringPass.Work(this, input))).get(0);
  }
}
