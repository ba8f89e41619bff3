package io.prunegrid.format;

import io.prunegrid.graph.Model;

/** A model as it was found in a folder, with the card that says what it is. */
public record SavedModel(Model model, ModelCard card) {}
