package io.prunegrid.job.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFolderTest extends PublishIfAbsentContract {
  @TempDir Path root;

  @Override
  PublishIfAbsent folder() {
    return new LocalFolder(root);
  }

  @Test
  void nothingUnfinishedIsLeft() throws Exception {
    folder().publish("x/name", bytes("first"));
    folder().publish("x/name", bytes("second"));
    folder().repair("x/name", bytes("third"));
    try (var files = Files.list(root.resolve("x"))) {
      assertThat(files).containsExactly(root.resolve("x/name"));
    }
  }

  @Test
  void namesCannotLeaveTheFolder() {
    assertThatThrownBy(() -> folder().publish("../outside", bytes("x")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
