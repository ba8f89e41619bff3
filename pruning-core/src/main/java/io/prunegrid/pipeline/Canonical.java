package io.prunegrid.pipeline;

import io.prunegrid.channel.AttentionUnit;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.channel.Target;
import io.prunegrid.criterion.Unit;
import io.prunegrid.train.TrainingConfig;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The canonical spelling of a configuration: sorted keys, defaults filled in, decimals without
 * trailing zeros. Two configurations mean the same exactly when they are spelled the same, so that
 * a hash of the spelling can identify them.
 */
public final class Canonical {
  /** Raised when something else is selected from the same scores. */
  private static final int SELECTION_VERSION = 3;

  private Canonical() {}

  /**
   * Settings of training as JSON, those left out that decide nothing: {@code {"epochs":0}} alone.
   */
  public static String text(TrainingConfig config) {
    return json(training(config));
  }

  static Map<String, Object> training(TrainingConfig config) {
    Map<String, Object> map = new TreeMap<>();
    map.put("epochs", config.epochs());
    if (config.epochs() == 0) {
      return map;
    }
    map.put("optimizer", config.optimizer());
    map.put("lr", config.lr());
    if (config.optimizer() == TrainingConfig.Optimizer.SGD) {
      map.put("momentum", config.momentum());
    }
    map.put("weight-decay", config.weightDecay());
    map.put("batch", config.batch());
    map.put("schedule", config.schedule());
    if (config.schedule() == TrainingConfig.Schedule.STEP) {
      map.put("step-epochs", config.stepEpochs());
      map.put("gamma", config.gamma());
    }
    map.put("flip", config.flip());
    map.put("crop", config.crop());
    map.put("validation", config.validation());
    if (config.validation() > 0) {
      map.put("patience", config.patience());
    }
    map.put("samples", config.samples());
    return map;
  }

  /** The settings of selection that decide something where such units are ranked. */
  static Map<String, Object> selection(SelectionConfig config, Unit unit) {
    Map<String, Object> map = new TreeMap<>();
    map.put("version", SELECTION_VERSION);
    map.put("scope", config.scope());
    map.put("rounding", config.rounding());
    map.put("ignore", config.ignore().stream().sorted().distinct().toList());
    map.put("protect", config.protect().stream().sorted().distinct().toList());
    switch (unit) {
      case CHANNELS -> {
        map.put("on-empty", config.onEmpty());
        if (config.onEmpty() == SelectionConfig.OnEmpty.KEEP_BEST) {
          map.put("min-channels", config.minChannels());
        }
        map.put("round-to", config.roundTo());
        map.put("apply", config.apply());
      }
      case WEIGHTS -> map.put("ties", config.ties());
    }
    limits(map, config, unit);
    return map;
  }

  /** Limits that limit nothing are not spelled. */
  private static void limits(Map<String, Object> map, SelectionConfig config, Unit unit) {
    Limits limits = config.limits();
    if (unit == Unit.CHANNELS && limits.attention() != AttentionUnit.POSITIONS) {
      map.put("attention", limits.attention());
    }
    if (!limits.layer().equals(Limits.ALL_LAYERS)) {
      map.put("layer", limits.layer());
    }
    if (!limits.ratios().entries().isEmpty()) {
      map.put("layer-ratios", limits.ratios());
    }
    if (!limits.caps().entries().isEmpty()) {
      map.put("layer-caps", limits.caps());
    }
    if (limits.skipFirst() > 0) {
      map.put("skip-first", limits.skipFirst());
      map.put("layers", limits.layers());
    }
    if (unit == Unit.CHANNELS
        && config.apply() == SelectionConfig.Apply.ZERO
        && !limits.zeroParts().isEmpty()) {
      map.put("zero-parts", limits.zeroParts().stream().sorted().distinct().toList());
    }
    if (limits.target().measure() != Target.Measure.NONE) {
      map.put("target", limits.target());
    }
    if (limits.steps() > 1) {
      map.put("steps", limits.steps());
      map.put("between", limits.between());
    }
  }

  /** JSON with sorted keys; numbers in their shortest exact spelling. */
  static String json(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> sorted = new TreeMap<>();
      map.forEach((key, entry) -> sorted.put(key.toString(), entry));
      return sorted.entrySet().stream()
          .map(entry -> quote(entry.getKey()) + ":" + json(entry.getValue()))
          .collect(Collectors.joining(",", "{", "}"));
    }
    if (value instanceof List<?> list) {
      return list.stream().map(Canonical::json).collect(Collectors.joining(",", "[", "]"));
    }
    if (value instanceof Double number) {
      return decimal(number);
    }
    if (value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    if (value instanceof Spelled done) {
      return done.json();
    }
    return quote(value.toString());
  }

  /** JSON that has been spelled before. */
  record Spelled(String json) {}

  /**
   * The shortest decimal that reads back as this number, without exponent or trailing zeros: {@code
   * 0.3}, {@code 1}.
   */
  static String decimal(double number) {
    BigDecimal decimal = BigDecimal.valueOf(number).stripTrailingZeros();
    return decimal.signum() == 0 ? "0" : decimal.toPlainString();
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
