package io.prunegrid.pipeline;

import io.prunegrid.channel.AttentionUnit;
import io.prunegrid.common.Sha256;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Criterion;
import io.prunegrid.criterion.Need;
import io.prunegrid.criterion.Sight;
import io.prunegrid.train.TrainingConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Spells out what cells are: everything that decides a row, as canonical JSON, and its SHA-256 as
 * the key. A setting that nothing consumes is left out, and the seed takes part only through the
 * streams that are consumed, so that cells which compute the same have one key.
 *
 * <p>Spellings of parts that cells have in common are kept, which makes a million keys cheap. Not
 * safe for several threads.
 */
public final class CellIdentities {
  /** Raised when a step computes something else from the same configuration. */
  private static final int TRAINING_VERSION = 1;

  private static final int CELL_VERSION = 1;

  private final Map<Object, String> spelled = new HashMap<>();
  private String lastText = "";
  private String lastHash = "";

  /**
   * Cells that differ in their ratio only.
   *
   * @param base key of the base
   * @param evaluation key of the evaluation of the unpruned network
   * @param score key of the score
   * @param anyRatio the spelling of a cell up to and from the value of its ratio
   * @param ratioZero the same for the ratio 0, under which nothing is scored or selected
   */
  public record Family(
      String base, String evaluation, String score, Around anyRatio, Around ratioZero) {
    /** Canonical JSON of everything that decides the row of the family's cell at a ratio. */
    public String text(double ratio) {
      Around around = ratio == 0 ? ratioZero : anyRatio;
      return around.before + Canonical.decimal(ratio) + around.after;
    }

    /** SHA-256 of {@link #text}: the cell's key. */
    public String cell(double ratio) {
      return Sha256.of(text(ratio));
    }

    public CellKeys keys(double ratio) {
      return new CellKeys(base, evaluation, score, cell(ratio));
    }
  }

  private record Around(String before, String after) {}

  private record Chosen(Object selection, Object unit) {}

  private record Scored(MethodConfig method, long seed) {}

  /** The family of a cell; its ratio does not matter. */
  public Family family(CellConfig config, InputHashes inputs) {
    Criterion criterion = Criteria.named(config.method().name());
    String base = base(config, inputs);
    String evaluation = evaluation(config, inputs, base);
    String scoring = scoring(config, criterion);
    StringBuilder tail = new StringBuilder();
    tail.append(",\"retrain\":").append(training(config.retrain()));
    if (config.retrain().epochs() > 0) {
      tail.append(",\"retrain-stream\":").append(config.seed());
    }
    String head = "{\"evaluation\":" + evaluation + ",\"kind\":\"cell\",\"ratio\":";
    String version = ",\"version\":" + CELL_VERSION + "}";
    // Nothing is selected at 0, whatever the score: only its name tells rows of the base apart.
    Around zero = new Around(head, tail + ",\"scoring\":" + named(config.method()) + version);
    tail.append(",\"scoring\":").append(scoring);
    tail.append(",\"selection\":").append(selection(config, criterion));
    return new Family(
        hash(base),
        Sha256.of(evaluation),
        Sha256.of(score(config, inputs, criterion, base, scoring)),
        new Around(head, tail + version),
        zero);
  }

  private String base(CellConfig config, InputHashes inputs) {
    Map<String, Object> base = new TreeMap<>();
    base.put("kind", "base");
    base.put("network", inputs.network());
    if (inputs.weights().isPresent()) {
      base.put("weights", inputs.weights().get());
      return Canonical.json(base);
    }
    base.put("data", inputs.data());
    base.put("stream", config.seed());
    base.put("training", new Canonical.Spelled(training(config.training())));
    base.put("version", TRAINING_VERSION);
    return Canonical.json(base);
  }

  private static String evaluation(CellConfig config, InputHashes inputs, String base) {
    Map<String, Object> evaluation = new TreeMap<>();
    evaluation.put("kind", "evaluation");
    evaluation.put("version", CELL_VERSION);
    evaluation.put("base", new Canonical.Spelled(base));
    evaluation.put("data", inputs.data());
    evaluation.put("subset", config.subset().classes());
    evaluation.put("head", config.head());
    if (config.head() == Head.NEW) {
      evaluation.put("head-stream", config.seed());
    }
    return Canonical.json(evaluation);
  }

  private String scoring(CellConfig config, Criterion criterion) {
    boolean drawn = criterion.draws(config.method().parameters());
    return spelled.computeIfAbsent(
        new Scored(config.method(), drawn ? config.seed() : 0),
        key -> {
          Map<String, Object> scoring = new TreeMap<>();
          scoring.put("method", config.method().name());
          scoring.put("parameters", criterion.identity(config.method().parameters()));
          scoring.put("version", criterion.version());
          if (criterion.needs().contains(Need.SAMPLES)) {
            scoring.put("samples", config.method().samples());
            scoring.put("samples-per-class", config.method().samplesPerClass());
          }
          if (drawn) {
            scoring.put("stream", config.seed());
          }
          return Canonical.json(scoring);
        });
  }

  private static String score(
      CellConfig config, InputHashes inputs, Criterion criterion, String base, String scoring) {
    Map<String, Object> score = new TreeMap<>();
    score.put("kind", "score");
    score.put("base", new Canonical.Spelled(base));
    score.put("scoring", new Canonical.Spelled(scoring));
    AttentionUnit attention = config.selection().limits().attention();
    if (attention != AttentionUnit.POSITIONS && criterion.scoresClasses()) {
      score.put("attention", attention);
    }
    if (criterion.needs().contains(Need.SAMPLES)) {
      score.put("data", inputs.data());
      if (Sight.of(config.method().parameters()).dependsOnSubset()) {
        score.put("subset", config.subset().classes());
      }
    }
    return Canonical.json(score);
  }

  private String named(MethodConfig method) {
    return spelled.computeIfAbsent(
        method,
        key ->
            Canonical.json(
                Map.of(
                    "method",
                    method.name(),
                    "parameters",
                    Criteria.named(method.name()).identity(method.parameters()))));
  }

  private String training(TrainingConfig config) {
    return spelled.computeIfAbsent(config, key -> Canonical.text(config));
  }

  private String selection(CellConfig config, Criterion criterion) {
    return spelled.computeIfAbsent(
        new Chosen(config.selection(), criterion.unit()),
        key -> Canonical.json(Canonical.selection(config.selection(), criterion.unit())));
  }

  /** Cells come base by base. */
  private String hash(String text) {
    if (!text.equals(lastText)) {
      lastHash = Sha256.of(text);
      lastText = text;
    }
    return lastHash;
  }
}
