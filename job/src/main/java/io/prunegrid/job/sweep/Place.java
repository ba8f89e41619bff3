package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigOrigin;
import java.util.regex.Pattern;

/** Where a value was written: {@code vehicles.conf:9}, or the option that gave it. */
final class Place {
  private static final Pattern LINE = Pattern.compile(": \\d+$");

  private static final String SET = "--set ";

  private Place() {}

  /** Whether {@code --set} of one key has set the key at this path along with it. */
  static boolean isInside(String place, String path) {
    return place.startsWith(SET) && !last(path).equals(last(place.substring(SET.length())));
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

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
