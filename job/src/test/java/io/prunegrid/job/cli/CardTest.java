package io.prunegrid.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.format.ModelFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A saved network's card names every setting that made it, so that they make it again. */
class CardTest {
  private static final List<String> OPTIONS =
      List.of("scope", "rounding", "on-empty", "min-channels", "round-to", "ignore", "ratio");

  private static final List<String> SETTINGS =
      List.of(
          "protect",
          "ties",
          "apply",
          "skip-first",
          "layers",
          "layer",
          "layer-ratios",
          "layer-caps",
          "zero-parts",
          "target",
          "steps",
          "attention");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "target=macs=0.6",
        "skip-first=1 layers=conv",
        "layer-ratios=conv*=0.25",
        "layer-caps=conv2=0.125",
        "layer=conv2",
        "steps=3",
        "protect=conv1",
        "apply=zero zero-parts=weight,bias",
        "scope=global target=params=0.4 min-channels=3",
        "scope=isomorphic round-to=4",
        "ignore=conv1 rounding=up"
      })
  void whatACardNamesMakesTheSameNetwork(String text) {
    List<String> settings = Pattern.compile(" ").splitAsStream(text).toList();
    SortedMap<String, String> made = pruned("first", settings);
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      assertThat(made).containsEntry(setting.substring(0, equals), setting.substring(equals + 1));
    }
    List<String> again = new ArrayList<>();
    for (Map.Entry<String, String> entry : made.entrySet()) {
      boolean known = OPTIONS.contains(entry.getKey()) || SETTINGS.contains(entry.getKey());
      if (known && !entry.getValue().isEmpty()) {
        again.add(entry.getKey() + "=" + entry.getValue());
      }
    }
    assertThat(again).hasSizeGreaterThan(OPTIONS.size());
    assertThat(pruned("again", again)).isEqualTo(made);
    assertThat(ModelFolder.read(folder.resolve("again")).model())
        .isEqualTo(ModelFolder.read(folder.resolve("first")).model());
  }

  private SortedMap<String, String> pruned(String name, List<String> settings) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("prune", "--model", "small-cnn", "--weights", "procedural"));
    words.addAll(List.of("--method", "ln", "--out", folder.resolve(name).toString()));
    if (settings.stream().noneMatch(setting -> setting.startsWith("ratio="))) {
      words.addAll(List.of("--ratio", "0.5"));
    }
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (OPTIONS.contains(setting.substring(0, equals))) {
        words.add("--" + setting.substring(0, equals));
        words.add(setting.substring(equals + 1));
      } else {
        words.add("--set");
        words.add(setting);
      }
    }
    Shell.json(words.toArray(String[]::new));
    return ModelFolder.read(folder.resolve(name)).card().made();
  }
}
