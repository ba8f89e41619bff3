package io.prunegrid.job.sweep;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Applies {@code --set key=value} to the keys of a sweep. */
final class Overrides {
  private Overrides() {}

  /** The sweep with all overrides applied that make sense; the others are noted. */
  static Config apply(Config sweep, List<String> overrides, Problems problems) {
    Config changed = sweep;
    for (String override : overrides) {
      try {
        changed = apply(changed, override);
      } catch (BadInput e) {
        problems.addAll(e.problems());
      }
    }
    return changed;
  }

  private static Config apply(Config sweep, String override) {
    int equals = override.indexOf('=');
    if (equals < 1) {
      throw new BadInput("--set " + override + " is not key=value");
    }
    String key = override.substring(0, equals).strip();
    String place = "--set " + key;
    List<String> path = path(place, key);
    refuseUnknown(place, path, sweep);
    ConfigValue value = value(place, override.substring(equals + 1).strip());
    refuseObjectForList(place, path, value, sweep);
    return sweep.withValue(ConfigUtil.joinPath(path), value);
  }

  private static List<String> path(String place, String key) {
    try {
      List<String> path = new ArrayList<>(ConfigUtil.splitPath(key));
      if (path.size() > 1 && path.get(0).equals("sweep")) {
        path.remove(0);
      }
      return path;
    } catch (ConfigException e) {
      throw new BadInput(place + ": '" + key + "' is no key: " + Place.message(e), e);
    }
  }

  private static void refuseUnknown(String place, List<String> path, Config sweep) {
    String first = path.get(0);
    expect(place, "key of sweep", first, SweepKeys.SWEEP_NAMES);
    if (!first.equals(SweepKeys.GRIDS)) {
      refuseUnknownInside(place, path);
      return;
    }
    if (path.size() == 1) {
      return;
    }
    List<String> grids =
        sweep.root().get(SweepKeys.GRIDS) instanceof ConfigObject named
            ? List.copyOf(named.keySet())
            : List.of();
    if (grids.isEmpty()) {
      throw new BadInput(place + ": the sweep names no grids");
    }
    expect(place, "grid", path.get(1), grids);
    if (path.size() > 2) {
      expect(place, "key of sweep.grids." + path.get(1), path.get(2), SweepKeys.GRID_NAMES);
      refuseUnknownInside(place, path.subList(2, path.size()));
    }
  }

  /** Refuses a path whose later parts name no key inside the first. */
  static void refuseUnknownInside(String place, List<String> path) {
    String key = path.get(0);
    if (path.size() == 1) {
      return;
    }
    List<String> inside =
        switch (key) {
          case SweepKeys.TRAIN, SweepKeys.RETRAIN -> SweepKeys.names(SweepKeys.TRAINING).toList();
          case RunKeys.LATENCY -> SweepKeys.names(RunKeys.LATENCY_KEYS).toList();
          case SweepKeys.RATIOS -> SweepKeys.names(AxisKeys.RANGE).toList();
          case SweepKeys.SEEDS -> SweepKeys.names(AxisKeys.SEED_RANGE).toList();
          default -> List.of();
        };
    if (key.equals(AxisKeys.ONLY) || key.equals(AxisKeys.VARY)) {
      return; // their keys are those of axes and of the whole sweep, and are checked when read
    }
    if (SweepKeys.LISTS.contains(key) && inside.isEmpty()) {
      throw new BadInput(
          place + ": " + key + " is a list, not an object; set it whole, as in " + key + "=[...]");
    }
    if (inside.isEmpty()) {
      throw new BadInput(place + ": " + key + " has no keys inside");
    }
    expect(place, "key of " + key, path.get(1), inside);
    if (path.size() > 2) {
      throw new BadInput(place + ": " + path.get(1) + " has no keys inside");
    }
  }

  private static void expect(String place, String what, String key, List<String> known) {
    if (!known.contains(key)) {
      throw new BadInput(place + ": " + Names.unknown(what, key, known));
    }
  }

  private static void refuseObjectForList(
      String place, List<String> path, ConfigValue value, Config sweep) {
    for (int length = 1; length <= path.size(); length++) {
      boolean becomesObject = length < path.size() || value instanceof ConfigObject;
      String key = path.get(length - 1);
      boolean isList =
          current(sweep, path.subList(0, length))
              .map(found -> found instanceof ConfigList)
              .orElse(length == path.size() && SweepKeys.LISTS.contains(key));
      if (becomesObject && isList) {
        throw new BadInput(
            place
                + ": "
                + key
                + " is a list, not an object; set it whole, as in "
                + key
                + "=[...]");
      }
    }
  }

  private static Optional<ConfigValue> current(Config sweep, List<String> path) {
    ConfigValue value = sweep.root();
    for (String key : path) {
      value = value instanceof ConfigObject object ? object.get(key) : null;
    }
    return Optional.ofNullable(value);
  }

  /** HOCON where it looks like it, else the text as it stands. */
  static ConfigValue value(String place, String text) {
    if (!text.startsWith("[") && !text.startsWith("{") && !text.startsWith("\"")) {
      return text.equals("null")
          ? ConfigValueFactory.fromAnyRef(null, place)
          : ConfigValueFactory.fromAnyRef(text, place);
    }
    try {
      Config unresolved =
          ConfigFactory.parseString(
              "value = " + text,
              ConfigParseOptions.defaults()
                  .setSyntax(ConfigSyntax.CONF)
                  .setOriginDescription(place));
      Substitutions.refuseExplosion(unresolved.root());
      ConfigObject parsed = unresolved.resolve().root();
      if (parsed.size() != 1) {
        throw new BadInput(place + ": '" + text + "' is more than one value");
      }
      return parsed.get("value");
    } catch (ConfigException e) {
      throw new BadInput(place + ": '" + text + "' is no HOCON value: " + Place.message(e), e);
    } catch (StackOverflowError e) {
      throw new BadInput(place + ": brackets and braces are nested too deeply", e);
    }
  }
}
