package io.prunegrid.common;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The nearest known name, against its definition. */
class NamesTest {
  private final SplitMix64 random = SplitMix64.stream(1, "names");

  private String word(int longest) {
    StringBuilder word = new StringBuilder();
    int length = random.nextInt(longest + 1);
    for (int i = 0; i < length; i++) {
      word.append("abAB".charAt(random.nextInt(4)));
    }
    return word.toString();
  }

  /** Edits as they are defined, letter by letter from the end. */
  private static int edits(String a, String b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.length() + b.length();
    }
    String shorterA = a.substring(0, a.length() - 1);
    String shorterB = b.substring(0, b.length() - 1);
    char lastA = a.charAt(a.length() - 1);
    char lastB = b.charAt(b.length() - 1);
    int least = edits(shorterA, shorterB) + (lastA == lastB ? 0 : 1);
    least = Math.min(least, 1 + Math.min(edits(shorterA, b), edits(a, shorterB)));
    if (a.length() > 1
        && b.length() > 1
        && lastA == b.charAt(b.length() - 2)
        && lastB == a.charAt(a.length() - 2)) {
      least =
          Math.min(
              least, 1 + edits(a.substring(0, a.length() - 2), b.substring(0, b.length() - 2)));
    }
    return least;
  }

  @Test
  void theNearestNameIsTheFirstOfThoseWithTheFewestEdits() {
    for (int i = 0; i < 300; i++) {
      String typed = word(6);
      List<String> known = new ArrayList<>();
      for (int k = 0; k < 5; k++) {
        known.add(word(6));
      }
      int allowed = Math.max(1, Math.max(2, typed.length()) / 2);
      Comparator<String> byEdits =
          Comparator.comparingInt(
              name -> edits(typed.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT)));
      Optional<String> expected =
          known.stream()
              .min(byEdits.thenComparing(Comparator.naturalOrder()))
              .filter(
                  name ->
                      edits(typed.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT))
                          <= allowed);
      assertThat(Names.nearest(typed, known)).as("%s in %s", typed, known).isEqualTo(expected);
    }
  }

  @Test
  void aVeryLongWordIsNotComparedLetterByLetter() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    String typed = "k".repeat(1 << 20);
    List<String> known = List.of("ratios", "methods");
    assertThat(Names.nearest(typed, known)).isEmpty();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThat(Names.nearest(typed, known)).isEmpty();
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
  }
}
