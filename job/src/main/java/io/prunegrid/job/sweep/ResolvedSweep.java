package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.List;

/** Writes a merged sweep as a file of its own. */
final class ResolvedSweep {
  private ResolvedSweep() {}

  static String text(Sweep sweep, ConfigObject merged) {
    ConfigObject filled = merged.withValue(SweepKeys.NAME.name(), text(sweep.name()));
    filled = filled.withValue(RunKeys.RESULTS.name(), text(sweep.results()));
    if (!filled.containsKey(RunKeys.STORES.name())) {
      filled = filled.withValue(RunKeys.STORE.name(), text(sweep.store()));
    }
    filled = filled.withValue(RunKeys.DEVICE.name(), text(sweep.execution().device()));
    List<Key<?>> keys = new ArrayList<>(RunKeys.PLAIN);
    keys.add(SweepKeys.HEAD);
    keys.addAll(SweepKeys.SELECTION);
    filled = withDefaults(filled, keys);
    for (String training : List.of(SweepKeys.TRAIN, SweepKeys.RETRAIN)) {
      ConfigObject given =
          filled.get(training) instanceof ConfigObject object
              ? object
              : ConfigFactory.empty().root();
      filled = filled.withValue(training, withDefaults(given, SweepKeys.TRAINING));
    }
    ConfigRenderOptions options =
        ConfigRenderOptions.defaults().setOriginComments(false).setComments(false).setJson(false);
    return ConfigFactory.empty().root().withValue("sweep", filled).render(options);
  }

  private static ConfigValue text(String text) {
    return ConfigValueFactory.fromAnyRef(text);
  }

  private static ConfigObject withDefaults(ConfigObject object, List<Key<?>> keys) {
    ConfigObject filled = object;
    for (Key<?> key : keys) {
      if (!filled.containsKey(key.name()) && key.spelledStandard().isPresent()) {
        ConfigValue standard =
            ConfigFactory.parseString("value = " + key.spelledStandard().get()).root().get("value");
        filled = filled.withValue(key.name(), standard);
      }
    }
    return filled;
  }
}
