package io.prunegrid.job.sweep;

import java.util.ArrayList;
import java.util.List;

/** Finds references in a value as the parser renders it before it knows what they stand for. */
final class ReferenceText {
  private final String text;
  private int at;

  /**
   * One of the values that a key was given.
   *
   * @param references the paths that it refers to
   */
  record Version(int length, List<String> references) {}

  private ReferenceText(String text) {
    this.text = text;
  }

  /** The values that a key was given, the first one first; they are separated by commas. */
  static List<Version> versions(String text) {
    return new ReferenceText(text).versions();
  }

  private List<Version> versions() {
    List<Version> versions = new ArrayList<>();
    List<String> references = new ArrayList<>();
    int begin = 0;
    int depth = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        skipQuoted();
      } else if (text.startsWith("${", at)) {
        references.add(reference());
      } else {
        depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
        if (c == ',' && depth == 0) {
          versions.add(new Version(at - begin, List.copyOf(references)));
          references.clear();
          begin = at;
        }
        at++;
      }
    }
    versions.add(new Version(at - begin, List.copyOf(references)));
    return versions;
  }

  /** Moves from a quote behind the one that ends it. */
  private void skipQuoted() {
    at++;
    while (at < text.length() && text.charAt(at) != '"') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    at++;
  }

  /** Moves behind the brace that ends a reference. */
  private String reference() {
    at += text.startsWith("${?", at) ? 3 : 2;
    int begin = at;
    while (at < text.length() && text.charAt(at) != '}') {
      if (text.charAt(at) == '"') {
        skipQuoted();
      } else {
        at++;
      }
    }
    String reference = text.substring(begin, Math.min(at, text.length()));
    at++;
    return reference;
  }
}
