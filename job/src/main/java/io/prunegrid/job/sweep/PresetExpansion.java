package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.prunegrid.common.BadInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts what presets stand for in the place of their names. */
final class PresetExpansion {
  private static final Map<PresetKind, String> AXES =
      Map.of(
          PresetKind.MODEL, SweepKeys.MODELS,
          PresetKind.METHOD, SweepKeys.METHODS,
          PresetKind.SUBSET, SweepKeys.SUBSETS);

  private final Presets presets;
  private final Problems problems;

  PresetExpansion(Presets presets, Problems problems) {
    this.presets = presets;
    this.problems = problems;
  }

  /** The keys of a sweep without names of presets. */
  ConfigObject sweep(ConfigObject sweep) {
    ConfigObject expanded = grid(sweep);
    if (expanded.get(SweepKeys.GRIDS) instanceof ConfigObject grids) {
      ConfigObject changed = grids;
      for (Map.Entry<String, ConfigValue> entry : grids.entrySet()) {
        if (entry.getValue() instanceof ConfigObject grid) {
          changed = changed.withValue(entry.getKey(), grid(grid));
        }
      }
      expanded = expanded.withValue(SweepKeys.GRIDS, changed);
    }
    return expanded;
  }

  private ConfigObject grid(ConfigObject grid) {
    ConfigObject expanded = grid;
    for (Map.Entry<PresetKind, String> axis : AXES.entrySet()) {
      if (expanded.get(axis.getValue()) instanceof ConfigList list) {
        expanded = expanded.withValue(axis.getValue(), entries(axis.getKey(), list));
      }
    }
    String data = SweepKeys.DATA.name();
    Optional<String> named = Optional.ofNullable(expanded.get(data)).flatMap(Kind::text);
    if (named.isPresent()) {
      Optional<Preset> preset = find(PresetKind.DATA, named.get(), expanded.get(data));
      if (preset.isPresent()) {
        expanded = expanded.withValue(data, preset.get().value());
      }
    }
    return expanded;
  }

  private ConfigValue entries(PresetKind kind, ConfigList list) {
    List<ConfigValue> entries = new ArrayList<>();
    for (ConfigValue entry : list) {
      entries.add(entry(kind, entry));
    }
    return ConfigValueFactory.fromIterable(entries).withOrigin(list.origin());
  }

  private ConfigValue entry(PresetKind kind, ConfigValue entry) {
    String nameKey = AxisKeys.ENTRY_NAME.name();
    ConfigObject own = entry instanceof ConfigObject object ? object : null;
    Optional<String> name =
        own == null ? Kind.text(entry) : Optional.ofNullable(own.get(nameKey)).flatMap(Kind::text);
    // a subset in braces gives itself a name; only one without classes means a preset
    boolean defined =
        own != null && kind == PresetKind.SUBSET && own.containsKey(AxisKeys.SUBSET_CLASSES);
    Optional<Preset> preset =
        defined ? Optional.empty() : name.flatMap(text -> find(kind, text, entry));
    if (preset.isEmpty()) {
      return entry;
    }
    if (!(preset.get().value() instanceof ConfigObject body)) {
      problems.add(
          preset.get().value().origin(),
          kind + " is " + Block.rendered(preset.get().value()) + "; allowed: keys in braces");
      return entry;
    }
    ConfigValue label = ConfigValueFactory.fromAnyRef(name.get()).withOrigin(entry.origin());
    ConfigObject merged = body;
    if (own != null) {
      for (Map.Entry<String, ConfigValue> given : own.entrySet()) {
        if (!given.getKey().equals(nameKey)) {
          merged = merged.withValue(given.getKey(), given.getValue());
        }
      }
    }
    String labelKey = kind == PresetKind.SUBSET ? nameKey : AxisKeys.LABEL.name();
    if (!merged.containsKey(labelKey)) {
      merged = merged.withValue(labelKey, label);
    }
    return merged.withOrigin(entry.origin());
  }

  private Optional<Preset> find(PresetKind kind, String name, ConfigValue written) {
    try {
      return presets.find(kind, name);
    } catch (BadInput e) {
      e.problems().forEach(problem -> problems.add(written.origin(), problem));
      return Optional.empty();
    }
  }
}
