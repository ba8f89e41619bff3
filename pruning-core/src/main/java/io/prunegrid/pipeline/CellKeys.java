package io.prunegrid.pipeline;

import io.prunegrid.common.Sha256;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Need;
import java.util.Map;
import java.util.TreeMap;

/**
 * The identities of a cell and of the work it shares: hashes of the canonical configuration, of the
 * inputs' content and of the version of each algorithm used. The seed takes part only through the
 * streams that are consumed, so that seeds which vary nothing give one key.
 *
 * @param base the base: a trained network, or a network with given weights
 * @param evaluation the unpruned network's accuracy on the subset
 * @param score the criterion's statistics
 * @param cell the row
 */
public record CellKeys(String base, String evaluation, String score, String cell) {
  /** Raised when a step computes something else from the same configuration. */
  private static final int TRAINING_VERSION = 1;

  private static final int CELL_VERSION = 1;

  public static CellKeys of(CellConfig config, InputHashes inputs) {
    String base = hash(base(config, inputs));
    Map<String, Object> evaluation = new TreeMap<>();
    evaluation.put("kind", "evaluation");
    evaluation.put("version", CELL_VERSION);
    evaluation.put("base", base);
    evaluation.put("data", inputs.data());
    evaluation.put("subset", config.subset().classes());
    evaluation.put("head", config.head());
    if (config.head() == Head.NEW) {
      evaluation.put("head-stream", config.seed());
    }
    Map<String, Object> score = score(config, inputs, base);
    return new CellKeys(
        base, hash(evaluation), hash(score), hash(cell(config, hash(evaluation), score)));
  }

  private static Map<String, Object> base(CellConfig config, InputHashes inputs) {
    Map<String, Object> base = new TreeMap<>();
    base.put("kind", "base");
    base.put("network", inputs.network());
    if (inputs.weights().isPresent()) {
      base.put("weights", inputs.weights().get());
    } else {
      base.put("version", TRAINING_VERSION);
      base.put("data", inputs.data());
      base.put("training", Canonical.training(config.training()));
      base.put("stream", config.seed());
    }
    return base;
  }

  private static Map<String, Object> score(CellConfig config, InputHashes inputs, String base) {
    Criterion criterion = Criteria.named(config.method().name());
    Map<String, Object> score = new TreeMap<>();
    score.put("kind", "score");
    score.put("base", base);
    score.put("method", config.method().name());
    score.put("version", criterion.version());
    score.put("parameters", config.method().parameters());
    if (criterion.needs().contains(Need.SAMPLES)) {
      score.put("data", inputs.data());
      score.put("subset", config.subset().classes());
      score.put("samples", config.method().samples());
      score.put("samples-per-class", config.method().samplesPerClass());
    }
    if (criterion.needs().contains(Need.SEED)) {
      score.put("stream", config.seed());
    }
    return score;
  }

  private static Map<String, Object> cell(
      CellConfig config, String evaluation, Map<String, Object> score) {
    Map<String, Object> cell = new TreeMap<>();
    cell.put("kind", "cell");
    cell.put("version", CELL_VERSION);
    cell.put("evaluation", evaluation);
    if (config.ratio() == 0) {
      // Nothing is selected, whatever the score: only its name tells rows of the base apart.
      cell.put("method", score.get("method"));
      cell.put("parameters", score.get("parameters"));
    } else {
      cell.put("score", score);
      cell.put("selection", Canonical.selection(config.selection()));
    }
    cell.put("ratio", config.ratio());
    cell.put("retrain", Canonical.training(config.retrain()));
    if (config.retrain().epochs() > 0) {
      cell.put("retrain-stream", config.seed());
    }
    return cell;
  }

  private static String hash(Map<String, Object> canonical) {
    return Sha256.of(Canonical.json(canonical));
  }
}
