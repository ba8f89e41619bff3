package io.prunegrid.job.sweep;

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
            .setIncluder(new FilesOnly(place));
    try {
      boolean onDisk = file.getFileSystem().equals(FileSystems.getDefault());
      return (onDisk
              ? ConfigFactory.parseFile(file.toFile(), options)
              : ConfigFactory.parseString(
                  Files.readString(file), options.setOriginDescription(place)))
          .resolve()
          .root();
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
    private final String place;

    /**
     * @param place how messages call the file that includes, or is included by one that does
     */
    FilesOnly(String place) {
      this.place = place;
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      var relative = context.relativeTo(what);
      // A file that was named without a folder has no parent: what it includes is here.
      File file =
          relative == null || relative.origin().filename() == null
              ? new File(what)
              : new File(relative.origin().filename());
      return includeFile(context, file);
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File file) {
      if (!file.isFile()) {
        throw new BadInput(place + ": include of " + file + ": there is no such file");
      }
      return ConfigFactory.parseFile(
              file, context.parseOptions().setAllowMissing(false).setSyntax(ConfigSyntax.CONF))
          .root();
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
