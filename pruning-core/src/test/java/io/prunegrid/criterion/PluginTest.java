package io.prunegrid.criterion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.Selection;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Model;
import io.prunegrid.testing.Shared;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example outside the tree, made into a jar as its page says, is a method like all others. */
class PluginTest {
  @TempDir private Path folder;

  @Test
  void aJarOnTheClassPathAddsItsMethods() throws IOException {
    try (URLClassLoader loader = loader(jar())) {
      List<Criterion> all = Criteria.with(loader);
      assertThat(all).hasSize(Criteria.all().size() + 1);
      assertThat(all.stream().map(Criterion::name)).isSorted().contains("spread", "taylor");
      Criterion spread =
          all.stream().filter(c -> c.name().equals("spread")).findFirst().orElseThrow();
      assertThat(spread.resolve(Map.of("power", "1.0"))).containsEntry("power", "1");
      Model model = Tiny.model();
      CoupledChannels channels = CoupledChannels.of(model.graph());
      Scores scores = spread.score(ScoringInput.of(model, spread.resolve(Map.of())));
      double[] classes =
          spread.classScores(
              scores,
              new Ranking(channels, SelectionConfig.defaults(), spread.resolve(Map.of()), 0.5));
      assertThat(
              Selection.select(channels, classes, 0.5, SelectionConfig.defaults()).removedCount())
          .isPositive();
    }
  }

  @Test
  void aNameThatIsTakenIsRefused() throws IOException {
    Path jar = jar();
    try (URLClassLoader first = loader(jar);
        URLClassLoader second = new URLClassLoader(new URL[] {jar.toUri().toURL()}, first)) {
      List<Criterion> known = Criteria.with(first);
      assertThatThrownBy(() -> Criteria.joined(known, Criteria.found(second)))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("'spread'");
    }
  }

  private URLClassLoader loader(Path jar) throws IOException {
    return new URLClassLoader(
        new URL[] {jar.toUri().toURL()}, Thread.currentThread().getContextClassLoader());
  }

  private Path jar() throws IOException {
    Path example = Shared.repository().resolve("examples/criterion");
    Path classes = Files.createDirectories(folder.resolve("classes"));
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                OutputStream.nullOutputStream(),
                null,
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                classes.toString(),
                example.resolve("example/Spread.java").toString());
    assertThat(code).isZero();
    Path jar = folder.resolve("spread.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      add(out, classes, "example");
      add(out, example, "META-INF");
    }
    return jar;
  }

  private static void add(JarOutputStream out, Path root, String below) throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve(below))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new ZipEntry(root.relativize(file).toString()));
        Files.copy(file, out);
        out.closeEntry();
      }
    }
  }
}
