package io.prunegrid.channel;

import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

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
   * @throws BadInput with each entry that is neither a number of at least 0 nor {@code GLOB=NUMBER}
   */
  public static LayerNumbers parse(String text) {
    List<String> wrong = wrong(text, Double.POSITIVE_INFINITY);
    if (!wrong.isEmpty()) {
      throw new BadInput(
          wrong.stream()
              .map(
                  word ->
                      "'"
                          + word
                          + "' is no number by layer, allowed: a number of at least 0, or"
                          + " GLOB=NUMBER")
              .toList());
    }
    return new LayerNumbers(words(text).stream().map(word -> entry(word).orElseThrow()).toList());
  }

  /**
   * The entries of a text that are not allowed, as written.
   *
   * @param below what all numbers stay below
   */
  public static List<String> wrong(String text, double below) {
    return words(text).stream()
        .filter(word -> entry(word).filter(entry -> entry.number() < below).isEmpty())
        .toList();
  }

  private static List<String> words(String text) {
    return text.strip().equals("none")
        ? List.of()
        : Stream.of(text.split("[\\s,]+")).filter(word -> !word.isEmpty()).toList();
  }

  private static Optional<Entry> entry(String word) {
    int equals = word.lastIndexOf('=');
    String glob = equals < 0 ? "*" : word.substring(0, equals);
    try {
      double number = new BigDecimal(word.substring(equals + 1)).doubleValue();
      return Optional.of(new Entry(glob, number))
          .filter(entry -> !glob.isEmpty() && number >= 0 && Double.isFinite(number));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
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
