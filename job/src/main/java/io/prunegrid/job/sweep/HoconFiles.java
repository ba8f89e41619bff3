package io.prunegrid.job.sweep;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import io.prunegrid.common.BadInput;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses HOCON files: substitutions resolved, includes of files only, each of which must exist. */
final class HoconFiles {
  private static final Pattern UNRESOLVED = Pattern.compile("\\$\\{\\??([A-Z][A-Z0-9_]*)\\}");

  private HoconFiles() {}

  /**
   * Parses a file.
   *
   * @param place how messages call it
   * @throws BadInput where it is no HOCON, includes what is not there or leaves something
   *     unresolved
   */
  static ConfigObject root(Path file, String place) {
    ConfigParseOptions options =
        ConfigParseOptions.defaults()
            .setSyntax(ConfigSyntax.CONF)
            .setAllowMissing(false)
            .setIncluder(new FilesOnly(file, place, new Includes(file)));
    try {
      Config unresolved = parse(file, place, options);
      Substitutions.refuseExplosion(unresolved.root());
      return unresolved.resolve().root();
    } catch (ConfigException.UnresolvedSubstitution e) {
      Matcher variable = UNRESOLVED.matcher(e.getMessage());
      String where = e.origin() == null ? place : Place.of(e.origin());
      throw new BadInput(
          variable.find()
              ? where
                  + ": ${"
                  + variable.group(1)
                  + "} stands for nothing: neither the file nor the environment sets "
                  + variable.group(1)
              : where + ": " + Place.message(e),
          e);
    } catch (ConfigException e) {
      String where = e.origin() == null ? place : Place.of(e.origin());
      throw new BadInput(where + ": " + Place.message(e), e);
    } catch (IOException e) {
      throw new BadInput(place + " cannot be read: " + e.getMessage(), e);
    } catch (StackOverflowError e) {
      throw new BadInput(place + ": brackets and braces are nested too deeply", e);
    }
  }

  /** On disk, or in the program's jar. */
  private static Config parse(Path file, String place, ConfigParseOptions options)
      throws IOException {
    return file.getFileSystem().equals(FileSystems.getDefault())
        ? ConfigFactory.parseFile(file.toFile(), options)
        : ConfigFactory.parseString(Files.readString(file), options.setOriginDescription(place));
  }

  /**
   * What stands under one key of a file; other keys are definitions.
   *
   * @throws BadInput as {@link #root}, and where the key is missing
   */
  static ConfigValue read(Path file, String place, String key) {
    ConfigValue value = root(file, place).get(key);
    if (value == null) {
      throw new BadInput(place + ": '" + key + "' is missing");
    }
    return value;
  }

  /** An include that is silently empty, or fetched from somewhere, is a trap. */
  private static final class FilesOnly
      implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
    private final Path includer;
    private final String place;
    private final Includes includes;

    /**
     * @param includer the file that includes, or is included by one that does
     * @param place how messages call it
     * @param includes what was included on the way to it
     */
    FilesOnly(Path includer, String place, Includes includes) {
      this.includer = includer;
      this.place = place;
      this.includes = includes;
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      return included(context, includer.resolveSibling(what), what);
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File file) {
      return included(context, includer.getFileSystem().getPath(file.getPath()), file.getPath());
    }

    private ConfigObject included(ConfigIncludeContext context, Path file, String what) {
      if (!Files.isRegularFile(file)) {
        throw new BadInput(place + ": include of " + what + ": there is no such file");
      }
      Includes inner = includes.and(file, place + ": include of " + what);
      ConfigParseOptions options =
          context
              .parseOptions()
              .setAllowMissing(false)
              .setSyntax(ConfigSyntax.CONF)
              .setIncluder(new FilesOnly(file, file.toString(), inner));
      try {
        return parse(file, file.toString(), options).root();
      } catch (IOException e) {
        throw new BadInput(
            place + ": include of " + what + " cannot be read: " + e.getMessage(), e);
      }
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
      throw new BadInput(place + ": include of " + what + ": only files can be included");
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
      throw new BadInput(place + ": include of " + what + ": only files can be included");
    }
  }
}
