package io.prunegrid.job.sweep;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.pipeline.Inputs;
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
    return read(file, overrides, SweepContext.ofUser());
  }

  /**
   * Reads and checks a sweep with presets and inputs of the caller's.
   *
   * @throws BadInput as {@link #read(Path, List)}
   */
  public static Sweep read(Path file, List<String> overrides, SweepContext context) {
    return read(file, overrides, context, new InstalledVocabulary(context.inputs()));
  }

  /**
   * The file as one text that needs no other file and no environment: what it includes is in it,
   * its references are resolved and presets are what they stand for.
   *
   * @throws BadInput where it cannot be read
   */
  public static String whole(Path file, Presets presets) {
    Problems problems = new Problems();
    ConfigObject sweep = new PresetExpansion(presets, problems).sweep(parse(file).root());
    problems.refuseIfAny();
    return ROOT + sweep.render(ConfigRenderOptions.concise());
  }

  static Sweep read(Path file, List<String> overrides, Vocabulary vocabulary) {
    SweepContext context = new SweepContext(List.of(), Presets.shipped(), new Inputs());
    return read(file, overrides, context, vocabulary);
  }

  static Sweep read(
      Path file, List<String> overrides, SweepContext context, Vocabulary vocabulary) {
    Problems problems = new Problems();
    ConfigObject sweep = merged(file, overrides, context, problems);
    return new SweepReader(vocabulary, problems).read(sweep, stem(file));
  }

  /**
   * The sweep as one text that needs no other file, override, variable or preset: what {@code read}
   * reads, with the defaults of keys of the run and of training filled in.
   *
   * @throws BadInput as {@link #read(Path, List)}
   */
  public static String resolved(Path file, List<String> overrides, SweepContext context) {
    return resolved(file, overrides, context, new InstalledVocabulary(context.inputs()));
  }

  static String resolved(
      Path file, List<String> overrides, SweepContext context, Vocabulary vocabulary) {
    Sweep sweep = read(file, overrides, context, vocabulary);
    Problems problems = new Problems();
    return ResolvedSweep.text(sweep, merged(file, overrides, context, problems));
  }

  /** The keys of the sweep after includes, substitutions, overrides, rules and presets. */
  private static ConfigObject merged(
      Path file, List<String> overrides, SweepContext context, Problems problems) {
    Config sweep = Overrides.apply(parse(found(file, context)), overrides, problems);
    ConfigObject ruled = OnlyRules.add(sweep.root(), context.only(), problems);
    return new PresetExpansion(context.presets(), problems).sweep(ruled);
  }

  /** The file itself, or the sweep of this name among the presets. */
  private static Path found(Path file, SweepContext context) {
    if (Files.exists(file) || file.getNameCount() > 1) {
      return file;
    }
    return context.presets().sweep(file.toString()).orElse(file);
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
    return sweep(file, HoconFiles.root(file, file.toString()));
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
