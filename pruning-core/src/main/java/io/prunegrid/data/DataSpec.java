package io.prunegrid.data;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.common.WorkingFolder;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A data spec taken apart: {@code scheme[:folder][?key=value&key=value]}.
 *
 * @param text as a person wrote it
 * @param folder what stands between the first colon and the last question mark, or empty
 */
record DataSpec(String text, String scheme, String folder, Map<String, String> options) {
  static DataSpec parse(String text) {
    int question = text.lastIndexOf('?');
    String place = question < 0 ? text : text.substring(0, question);
    int colon = place.indexOf(':');
    Map<String, String> options = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    if (question >= 0) {
      for (String option : text.substring(question + 1).split("&", -1)) {
        int equals = option.indexOf('=');
        if (equals < 1) {
          problems.add("data '" + text + "': option '" + option + "' is not key=value");
        } else if (options.put(option.substring(0, equals), option.substring(equals + 1)) != null) {
          problems.add(
              "data '" + text + "': option '" + option.substring(0, equals) + "' is given twice");
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
    return new DataSpec(
        text,
        (colon < 0 ? place : place.substring(0, colon)).strip(),
        colon < 0 ? "" : place.substring(colon + 1).strip(),
        options);
  }

  /**
   * The folder, made absolute from the working directory.
   *
   * @throws BadInput where none is given or it does not exist
   */
  Path existingFolder() {
    if (folder.isEmpty()) {
      throw new BadInput("data '" + text + "' needs a folder: write " + scheme + ":FOLDER");
    }
    Path path;
    try {
      path = WorkingFolder.path(folder).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new BadInput("data '" + text + "': '" + folder + "' is not a path", e);
    }
    if (!Files.isDirectory(path)) {
      String what = Files.exists(path) ? " is not a folder" : " does not exist";
      throw new BadInput("data '" + text + "': the folder " + path + what);
    }
    return path;
  }

  /**
   * @throws BadInput listing every option that is not among the allowed ones
   */
  void allowOptions(List<String> allowed) {
    List<String> problems = new ArrayList<>();
    for (String option : options.keySet()) {
      if (allowed.isEmpty()) {
        problems.add(
            "data '" + text + "': " + scheme + " takes no options, found '" + option + "'");
      } else if (!allowed.contains(option)) {
        problems.add("data '" + text + "': " + Names.unknown("option", option, allowed));
      }
    }
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }
}
