package io.prunegrid.job.sweep;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads sweep files: HOCON (github.com/lightbend/config) with everything in the braces of {@code
 * sweep}. Other top-level keys are definitions that {@code ${...}} can refer to.
 */
public final class SweepFile {
  private static final String ROOT = "sweep";

  private SweepFile() {}

  /**
   * Reads and checks a sweep; nothing is run and nothing written.
   *
   * @param file the sweep file
   * @param overrides {@code key=value} each, applied in order; the key with or without {@code
   *     sweep.} in front; a value that starts with a bracket, a brace or a quote is HOCON, any
   *     other is taken as it stands
   * @throws BadInput every problem with its file and line, or with the override that has it
   */
  public static Sweep read(Path file, List<String> overrides) {
    return read(file, overrides, new InstalledVocabulary());
  }

  /**
   * The file as one text that needs no other file and no environment: what it includes is in it and
   * its references are resolved.
   *
   * @throws BadInput where it cannot be read
   */
  public static String whole(Path file) {
    return ROOT + parse(file).root().render(ConfigRenderOptions.concise());
  }

  static Sweep read(Path file, List<String> overrides, Vocabulary vocabulary) {
    Problems problems = new Problems();
    Config sweep = Overrides.apply(parse(file), overrides, problems);
    return new SweepReader(vocabulary, problems).read(sweep.root(), stem(file));
  }

  private static String stem(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  /** What stands in the braces of {@code sweep}, substitutions resolved. */
  private static Config parse(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new BadInput(
          "sweep file " + file + (Files.exists(file) ? " is no regular file" : " does not exist"));
    }
    if (!Files.isReadable(file)) {
      throw new BadInput("sweep file " + file + " cannot be read: permission denied");
    }
    ConfigObject root;
    try {
      root =
          ConfigFactory.parseFile(
                  file.toFile(),
                  ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setAllowMissing(false))
              .resolve()
              .root();
    } catch (ConfigException e) {
      String place = e.origin() == null ? file.toString() : Place.of(e.origin());
      throw new BadInput(place + ": " + Place.message(e), e);
    } catch (StackOverflowError e) {
      throw new BadInput(file + ": brackets and braces are nested too deeply", e);
    }
    return sweep(file, root);
  }

  private static Config sweep(Path file, ConfigObject root) {
    List<String> problems = new ArrayList<>();
    ConfigValue sweep = root.get(ROOT);
    if (sweep == null) {
      problems.add(file + ": 'sweep { ... }' is missing");
    } else if (!(sweep instanceof ConfigObject)) {
      problems.add(
          Place.of(sweep.origin())
              + ": sweep is "
              + Block.rendered(sweep)
              + "; allowed: keys in braces");
    }
    for (Map.Entry<String, ConfigValue> entry : root.entrySet()) {
      String key = entry.getKey();
      if (key.equals(ROOT)) {
        continue;
      }
      String place = Place.of(entry.getValue().origin());
      if (SweepKeys.SWEEP_NAMES.contains(key)) {
        problems.add(place + ": key '" + key + "' stands outside 'sweep { ... }'");
      } else if (sweep == null && Names.nearest(key, List.of(ROOT)).isPresent()) {
        problems.add(place + ": unknown key '" + key + "'; did you mean 'sweep'?");
      }
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    return ((ConfigObject) sweep).toConfig();
  }
}
