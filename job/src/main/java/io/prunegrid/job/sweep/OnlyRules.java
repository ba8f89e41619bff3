package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Turns {@code --only axis=value} into the key {@code only} of a sweep. */
final class OnlyRules {
  private OnlyRules() {}

  /** The sweep with the rules beside those it has; several of one axis add up. */
  static ConfigObject add(ConfigObject sweep, List<String> rules, Problems problems) {
    Map<String, List<ConfigValue>> values = new LinkedHashMap<>();
    for (String rule : rules) {
      // >= and <= belong to the value
      int equals = rule.indexOf('=');
      int sign = Math.max(rule.indexOf('<'), rule.indexOf('>'));
      int end = sign > 0 && sign < equals ? sign : equals;
      if (equals < 1 && sign < 1) {
        problems.addAll(List.of("--only " + rule + " is not axis=value"));
        continue;
      }
      String axis = rule.substring(0, end < 1 ? sign : end).strip();
      String text = rule.substring(end < 1 ? sign : end == equals ? end + 1 : end).strip();
      List<ConfigValue> to = values.computeIfAbsent(axis, key -> new ArrayList<>());
      Stream.of(text.split(",", -1))
          .map(String::strip)
          .forEach(one -> to.add(ConfigValueFactory.fromAnyRef(one, "--only " + axis)));
    }
    if (values.isEmpty()) {
      return sweep;
    }
    ConfigObject only =
        sweep.get(AxisKeys.ONLY) instanceof ConfigObject own
            ? own
            : ConfigValueFactory.fromMap(Map.of(), "--only");
    for (Map.Entry<String, List<ConfigValue>> entry : values.entrySet()) {
      List<ConfigValue> all = new ArrayList<>();
      ConfigValue before = only.get(entry.getKey());
      if (before instanceof ConfigList list) {
        all.addAll(list);
      } else if (before != null) {
        all.add(before);
      }
      all.addAll(entry.getValue());
      only =
          only.withValue(
              entry.getKey(), ConfigValueFactory.fromIterable(all, "--only " + entry.getKey()));
    }
    return sweep.withValue(AxisKeys.ONLY, only);
  }
}
