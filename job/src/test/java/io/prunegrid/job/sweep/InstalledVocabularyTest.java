package io.prunegrid.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.prunegrid.common.BadInput;
import io.prunegrid.criterion.Criteria;
import io.prunegrid.criterion.Parameter;
import io.prunegrid.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sweep files against the real data, networks and criteria. */
class InstalledVocabularyTest {
  @TempDir Path folder;

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("v.conf"), text);
  }

  private List<String> problems(String text) throws IOException {
    Path file = write(text);
    BadInput bad = catchThrowableOfType(BadInput.class, () -> SweepFile.read(file, List.of()));
    assertThat(bad).isNotNull();
    return bad.problems().stream().map(p -> p.replace(folder + "/", "")).toList();
  }

  @Test
  void theQuickstartIsAHundredAndEightyCells() {
    Sweep sweep = SweepFile.read(Shared.repository().resolve("sweeps/quickstart.conf"), List.of());
    assertThat(sweep.cells()).hasSize(180).doesNotHaveDuplicates();
    assertThat(sweep.grids().get(0).ratios()).hasSize(6);
  }

  @Test
  void theCifarSweepHasEightyCells() {
    String shared = Shared.require("data").getParent().toString();
    Sweep sweep =
        SweepFile.read(
            Shared.repository().resolve("sweeps/cifar10-resnet20.conf"),
            List.of(
                "data=cifar10:" + shared + "/data/cifar10-jpeg",
                "models=[{name=resnet20,weights=\""
                    + shared
                    + "/data/weights/resnet20-12fca82f.th\"}]"));
    assertThat(sweep.cells()).hasSize(80);
  }

  @Test
  void whatIsFoundBrokenIsToldWithItsLine() throws IOException {
    Path batches = Files.createDirectory(folder.resolve("batches"));
    Files.write(batches.resolve("test_batch.bin"), new byte[4000]);
    Path cut = Files.write(folder.resolve("cut.th"), new byte[1000]);
    assertThat(
            problems(
                """
                sweep {
                  data = "cifar10:%s"
                  models = [
                    { name = resnet20, weights = "%s" }
                    resnet20
                  ]
                  methods = [ln, { name = ln, p = 3 }]
                  ratios = [0.5]
                  train { epochs = 1 }
                }
                """
                    .formatted(batches, cut)))
        .satisfiesExactly(
            p -> assertThat(p).startsWith("v.conf:2: sweep.data: ").contains("test_batch.bin"),
            p -> assertThat(p).startsWith("v.conf:4: sweep.models[0]: ").contains("cut.th"),
            p ->
                assertThat(p)
                    .isEqualTo(
                        "v.conf:7: sweep.methods[1]: method ln: p is '3', allowed: 1, 2, inf"));
  }

  @Test
  void dataAndWeightsThatAreNotHereHideNothingElse() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("absent.conf"),
            """
            sweep {
              data = "cifar10:/nowhere/images"
              models = [ { name = small-cnn, train.epochs = 1 },
                         { name = resnet20, weights = "/nowhere/w.th" } ]
              subsets = [ all, { name = v, classes = [0, 99] }, { name = all, classes = [3] } ]
              methods = [ ln ], ratios = [0.5]
              ignore = ["conv9"]
            }
            """);
    BadInput bad = catchThrowableOfType(BadInput.class, () -> SweepFile.read(file, List.of()));
    assertThat(bad.problems())
        .hasSize(5)
        .anyMatch(line -> line.contains("/nowhere/images does not exist"))
        .anyMatch(line -> line.contains("/nowhere/w.th does not exist"))
        .anyMatch(line -> line.contains("99"))
        .anyMatch(line -> line.contains("'conv9' matches no layer"))
        .anyMatch(line -> line.contains("absent.conf:5") && line.contains("'all'"));
  }

  @Test
  void aSlipInAClassNameOrALayerIsToldWithTheNearest() throws IOException {
    assertThat(
            problems(
                """
                sweep {
                  data = fashion
                  models = [{ name = small-cnn, weights = procedural }]
                  methods = [{ name = group-magnitud }, ln]
                  ratios = [0.5]
                  subsets = [{ name = a, classes = [Dres, 12] }]
                  ignore = ["cnv1"]
                }
                """))
        .containsExactly(
            "v.conf:4: sweep.methods[0]: unknown method 'group-magnitud'; did you mean"
                + " 'group-magnitude'? allowed: "
                + String.join(", ", Criteria.names()),
            "v.conf:6: sweep.subsets[0].classes: unknown class 'Dres'; did you mean 'Dress'?"
                + " allowed: T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker,"
                + " Bag, Ankle boot",
            "v.conf:6: sweep.subsets[0].classes: class 12 does not exist: the data have 10"
                + " classes, allowed: 0 to 9",
            "v.conf:7: sweep.ignore: 'cnv1' matches no layer of any of the models; did you mean"
                + " 'conv1'?");
  }

  @Test
  void aLayerThatAMethodsOwnParameterNamesIsLookedFor() throws IOException {
    assertThat(
            problems(
                """
                sweep {
                  data = fashion
                  models = [{ name = small-cnn, weights = procedural }]
                  methods = [{ name = threshold, quality = "conv1=0.5 con2=1" }]
                  ratios = [0.5]
                }
                """))
        .containsExactly(
            "v.conf:4: sweep.methods[0].quality: 'con2' matches no layer of any of the models; did"
                + " you mean 'conv2'?");
  }

  static Stream<Arguments> parameters() {
    return Criteria.all().stream()
        .flatMap(
            criterion ->
                criterion.parameters().stream()
                    .map(
                        parameter ->
                            Arguments.of(
                                criterion.name(),
                                parameter.name(),
                                // a file may have any name but none
                                parameter instanceof Parameter.File ? " " : " =")));
  }

  @ParameterizedTest
  @MethodSource("parameters")
  void aParameterThatIsWrongIsToldInItsLineAndHidesNothing(
      String method, String parameter, String wrong) throws IOException {
    assertThat(
            problems(
                """
                sweep {
                  data = fashion
                  models = [{ name = small-cnn, weights = procedural }]
                  ratios = [0.5]
                  methods = [
                    { name = %s, label = x
                      %s = "%s"
                      steps = 0 }
                  ]
                  typo = 3
                }
                """
                    .formatted(method, parameter, wrong)))
        .satisfiesExactly(
            p ->
                assertThat(p)
                    .startsWith("v.conf:7: sweep.methods[0]: method " + method + ": " + parameter)
                    .contains("allowed: "),
            p ->
                assertThat(p)
                    .isEqualTo(
                        "v.conf:8: sweep.methods[0].steps is 0; allowed: a whole number of at least"
                            + " 1"),
            p -> assertThat(p).startsWith("v.conf:10: unknown key of sweep 'typo'"));
  }

  @Test
  void aParameterThatIsWrongIsFoundOnTheWayToALimitThatReadsIt() throws IOException {
    assertThat(
            problems(
                """
                sweep {
                  data = fashion
                  models = [small-cnn-trained]
                  ratios = [0.5]
                  methods = [{ name = tvs, accuracy = 2 }, { name = pattern, keep = 4 },
                    { name = pattern, keep = [1], of = 2, samples = x }]
                  typo = 3
                }
                """))
        .satisfiesExactly(
            p ->
                assertThat(p)
                    .isEqualTo(
                        "v.conf:5: sweep.methods[0]: method tvs: accuracy is '2', allowed: a number"
                            + " in [0, 1]"),
            p ->
                assertThat(p)
                    .isEqualTo(
                        "v.conf:5: sweep.methods[1]: method pattern: keep is 4 of 4, so that nothing"
                            + " would go; allowed: fewer"),
            p ->
                assertThat(p)
                    .isEqualTo(
                        "v.conf:6: sweep.methods[2].keep is [1]; allowed: a value of the parameter"
                            + " 'keep'"),
            p ->
                assertThat(p)
                    .isEqualTo(
                        "v.conf:6: sweep.methods[2].samples is \"x\"; allowed: a whole number of at"
                            + " least 0"),
            p -> assertThat(p).startsWith("v.conf:7: unknown key of sweep 'typo'"));
  }

  @Test
  void whatAMethodCannotDoIsToldTogether() throws IOException {
    assertThat(
            problems(
                """
                sweep {
                  data = fashion
                  models = [{ name = small-cnn, weights = procedural }]
                  ratios = [0.5]
                  methods = [{ name = external, scores = /nowhere/s, steps = 2, layer = cnv1 }]
                }
                """))
        .singleElement()
        .asString()
        .startsWith("v.conf:5: sweep.methods[0]: external cannot score small-cnn: ")
        .contains("/nowhere/s cannot be read", "allowed: steps 1; layer is 'cnv1'");
  }

  @Test
  void aSweepThatSkipsEveryLayerIsRefused() throws IOException {
    assertThat(
            problems(
                """
                sweep {
                  data = fashion
                  models = [{ name = small-cnn, weights = procedural }]
                  methods = [ln, magnitude]
                  ratios = [0.5]
                  skip-first = 1000
                }
                """))
        .containsExactly(
            "v.conf:4: sweep.methods[0]: no channel of small-cnn can go: all are ignored or"
                + " protected",
            "v.conf:4: sweep.methods[1]: no weight of small-cnn can go: every layer is ignored or"
                + " protected");
  }
}
