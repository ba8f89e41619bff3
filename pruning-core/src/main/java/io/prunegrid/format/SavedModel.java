package io.prunegrid.format;

import io.prunegrid.graph.Model;
import java.util.Optional;

/**
 * A model as a folder holds it, with the card that says what it is.
 *
 * @param masked which of its weights are masked and what they were; absent where none is, or where
 *     the masks were made permanent
 */
public record SavedModel(Model model, ModelCard card, Optional<MaskedWeights> masked) {
  /** A model without masks. */
  public SavedModel(Model model, ModelCard card) {
    this(model, card, Optional.empty());
  }
}
