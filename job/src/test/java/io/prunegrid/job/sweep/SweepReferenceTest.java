package io.prunegrid.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SweepReferenceTest {
  private static final String START = "<!-- The tables below are generated. -->\n\n";

  @Test
  void theReferenceNamesEveryKeyWithItsDefault() throws IOException {
    Path page = Path.of("").toAbsolutePath().getParent().resolve("docs/sweep-reference.md");
    String text = Files.readString(page);
    String written = text.substring(0, text.indexOf(START) + START.length());
    if ("1".equals(System.getenv("PRUNEGRID_UPDATE"))) {
      Files.writeString(page, written + SweepReference.tables());
    }
    assertThat(Files.readString(page))
        .as("the environment variable PRUNEGRID_UPDATE=1 updates it")
        .isEqualTo(written + SweepReference.tables());
  }
}
