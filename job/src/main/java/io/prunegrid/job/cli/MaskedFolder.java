package io.prunegrid.job.cli;

import io.prunegrid.common.BadInput;
import io.prunegrid.format.MaskedWeights;
import io.prunegrid.format.ModelCard;
import io.prunegrid.format.ModelFolder;
import io.prunegrid.format.SavedModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A model folder that carries masks, and the two ways to be rid of them. */
record MaskedFolder(SavedModel saved, MaskedWeights masked) {
  /**
   * @throws BadInput where it is no model folder, or carries no masks
   */
  static MaskedFolder of(String folder) {
    SavedModel saved = ModelFolder.read(Path.of(folder));
    return new MaskedFolder(
        saved,
        saved
            .masked()
            .orElseThrow(
                () ->
                    new BadInput(
                        "model folder " + folder + " carries no masks: nothing is masked in it")));
  }

  long count() {
    return masked.count();
  }

  /** Writes the model with its zeros and without its masks. */
  void makePermanent(Path out) {
    ModelFolder.write(out, new SavedModel(saved.model(), card("make-permanent")));
  }

  /** Writes the model with the weights that the masks hide as they were. */
  void restore(Path out) {
    ModelFolder.write(out, new SavedModel(masked.restore(saved.model()), card("restore")));
  }

  private ModelCard card(String command) {
    ModelCard card = saved.card();
    SortedMap<String, String> made = new TreeMap<>(card.made());
    made.put("then", command);
    return new ModelCard(card.network(), card.headClasses(), card.data(), made);
  }

  Map<String, Object> json(Path out) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("weights", count());
    json.put("parameters", masked.masks().keySet());
    json.put("folder", out.toString());
    return json;
  }
}
