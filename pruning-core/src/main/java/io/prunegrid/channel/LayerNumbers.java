package io.prunegrid.channel;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A number for each layer, as a person writes it: {@code 0.5} for all layers, {@code conv*=0.3
 * fc*=0.4} by globs over layer names, of which the first that matches counts, {@code conv1=0.1 0.5}
 * for all others; {@code none} for no layer. Spelled canonically.
 *
 * @param entries in the order written
 */
public record LayerNumbers(List<Entry> entries) implements Serializable {
  /** No layer has a number. */
  public static final LayerNumbers NONE = new LayerNumbers(List.of());

  public LayerNumbers {
    entries = List.copyOf(entries);
  }

  /** What the layers that a glob matches have; the glob {@code *} matches all. */
  public record Entry(String glob, double number) implements Serializable {}

  /**
   * Reads what a person wrote.
   *
   * @throws BadInput for what is neither a number of at least 0 nor {@code GLOB=NUMBER}
   */
  public static LayerNumbers parse(String text) {
    if (text.strip().equals("none")) {
      return NONE;
    }
    List<Entry> entries = new ArrayList<>();
    for (String word : text.strip().split("[\\s,]+", -1)) {
      if (word.isEmpty()) {
        continue;
      }
      int equals = word.lastIndexOf('=');
      String glob = equals < 0 ? "*" : word.substring(0, equals);
      double number = number(word.substring(equals + 1), word);
      if (glob.isEmpty()) {
        throw bad(word);
      }
      entries.add(new Entry(glob, number));
    }
    return new LayerNumbers(entries);
  }

  private static double number(String text, String word) {
    try {
      double number = new BigDecimal(text).doubleValue();
      if (number >= 0 && Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw bad(word);
  }

  private static BadInput bad(String word) {
    return new BadInput(
        "'" + word + "' is no number by layer, allowed: a number of at least 0, or GLOB=NUMBER");
  }

  /** A layer's number, if it has one. */
  public OptionalDouble of(String layer) {
    return entries.stream()
        .filter(entry -> Names.glob(entry.glob()).matcher(layer).matches())
        .mapToDouble(Entry::number)
        .findFirst();
  }

  /** The number of the first entry that matches any of some layers that share their channels. */
  public OptionalDouble of(Collection<String> layers) {
    return entries.stream()
        .filter(entry -> layers.stream().anyMatch(Names.glob(entry.glob()).asMatchPredicate()))
        .mapToDouble(Entry::number)
        .findFirst();
  }

  /** The globs over layer names, in the order written. */
  public List<String> globs() {
    return entries.stream().map(Entry::glob).toList();
  }

  /** As a person would write it. */
  @Override
  public String toString() {
    if (entries.isEmpty()) {
      return "none";
    }
    List<String> words = new ArrayList<>();
    for (Entry entry : entries) {
      BigDecimal number = BigDecimal.valueOf(entry.number()).stripTrailingZeros();
      String spelled = number.signum() == 0 ? "0" : number.toPlainString();
      words.add(entry.glob().equals("*") ? spelled : entry.glob() + "=" + spelled);
    }
    return String.join(" ", words);
  }
}
