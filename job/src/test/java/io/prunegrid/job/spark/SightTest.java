package io.prunegrid.job.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.store.disk.Location;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SightTest {
  @TempDir private Path folder;

  private Sight.Question question() {
    return new Sight.Question(
        List.of(new Sight.Folder("the results folder", Location.of(folder), "attempts")),
        Map.of(),
        "test");
  }

  @Test
  void anExecutorThatSeesTheDriversTokenLeavesOneOfItsOwn() throws Exception {
    Sight.Question question = question();
    Path driver = question.token(question.folders().get(0), "driver").path();
    Files.createDirectories(driver.getParent());
    Files.writeString(driver, "here");

    assertThat(Sight.problems(question, "7", "node1")).isEmpty();

    assertThat(question.token(question.folders().get(0), "7").path()).exists();
  }

  @Test
  void anExecutorThatDoesNotSeeItNamesHostAndFolderAndLeavesNothingThere() {
    assertThat(Sight.problems(question(), "7", "node1"))
        .containsExactly("host node1 does not see the results folder " + folder + " of the driver");
    assertThat(folder).isEmptyDirectory();
  }
}
