package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigOrigin;
import java.util.regex.Pattern;

/** Where a value was written: {@code vehicles.conf:9}, or the option that gave it. */
final class Place {
  private static final Pattern LINE = Pattern.compile(": \\d+$");

  private Place() {}

  static String of(ConfigOrigin origin) {
    String file = origin.filename();
    if (file == null) {
      return LINE.matcher(origin.description()).replaceFirst("");
    }
    return origin.lineNumber() > 0 ? file + ":" + origin.lineNumber() : file;
  }

  /** What the parser says, as one line without the place. */
  static String message(ConfigException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    if (e.origin() != null && message.startsWith(e.origin().description())) {
      message = message.substring(e.origin().description().length()).replaceFirst("^:\\s*", "");
    }
    return message.replaceAll("\\s+", " ").strip();
  }
}
