package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every method has its page, with a table of its parameters that {@code PRUNEGRID_UPDATE=1} writes.
 */
class MethodPagesTest {
  private static final String BEGIN = "<!-- parameters -->\n";
  private static final String END = "<!-- end -->\n";

  static Stream<Criterion> criteria() {
    return Criteria.all().stream();
  }

  @Test
  void everyMethodHasAPageAndEveryPageAMethod() throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      assertThat(new TreeSet<>(files.map(file -> file.getFileName().toString()).toList()))
          .isEqualTo(new TreeSet<>(Criteria.names().stream().map(name -> name + ".md").toList()));
    }
  }

  @ParameterizedTest
  @MethodSource("criteria")
  void thePageListsTheParameters(Criterion criterion) throws IOException {
    Path file = folder().resolve(criterion.name() + ".md");
    String page = Files.readString(file);
    int from = page.indexOf(BEGIN) + BEGIN.length();
    int to = page.indexOf(END);
    assertThat(to).as("markers in " + file).isGreaterThanOrEqualTo(from);
    String expected = page.substring(0, from) + table(criterion) + page.substring(to);
    if ("1".equals(System.getenv("PRUNEGRID_UPDATE"))) {
      Files.writeString(file, expected);
      page = expected;
    }
    assertThat(page).isEqualTo(expected);
    for (String heading :
        new String[] {"**Paper.**", "**Formula.**", "**Cost.**", "**When to use"}) {
      assertThat(page).contains(heading);
    }
  }

  private static String table(Criterion criterion) {
    if (criterion.parameters().isEmpty()) {
      return "None.\n";
    }
    StringBuilder table =
        new StringBuilder("| name | allowed | default | meaning |\n|---|---|---|---|\n");
    for (Parameter parameter : criterion.parameters()) {
      table.append("| `").append(parameter.name()).append("` | ").append(parameter.allowed());
      table.append(" | `").append(parameter.defaultValue()).append("` | ");
      table.append(parameter.doc().replace("|", "\\|")).append(" |\n");
    }
    return table.toString();
  }

  private static Path folder() {
    return Shared.repository().resolve("docs/methods");
  }
}
