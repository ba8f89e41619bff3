package io.prunegrid.job.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.testing.Shared;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandErrorsTest {
  @TempDir Path folder;

  private static List<String> refused(String... arguments) {
    Shell.Outcome outcome = Shell.run(arguments);
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).doesNotContain("Exception").doesNotContain("\tat ");
    return outcome.errors();
  }

  private static List<String> prune(String... more) {
    return refused(
        Stream.concat(
                Stream.of(
                    "prune", "--model", "small-cnn", "--weights", "procedural", "--method", "ln"),
                Arrays.stream(more))
            .toArray(String[]::new));
  }

  @Test
  void misspelledCommandsAndOptionsGetTheNearestOffered() {
    assertThat(refused("evaluat"))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith(
                        "error: unknown command 'evaluat'; did you mean 'evaluate'? allowed: ")
                    .contains("run, "),
            line -> assertThat(line).isEqualTo("see prunegrid --help"));
    assertThat(refused("evaluate", "--modle", "resnet20"))
        .containsExactly(
            "error: unknown option '--modle'; did you mean '--model'?",
            "see prunegrid evaluate --help");
    assertThat(refused("evaluate"))
        .containsExactly(
            "error: Missing required option: '--model=NAME'", "see prunegrid evaluate --help");
    assertThat(refused("score", "--model", "small-cnn"))
        .containsExactly(
            "error: Missing required option: '--method=NAME'", "see prunegrid score --help");
    assertThat(refused()).containsExactly("error: a command is missing", "see prunegrid --help");
  }

  @Test
  void allProblemsOfACommandLineAreToldTogether() {
    assertThat(
            prune(
                "--ratio",
                "1.2",
                "--scope",
                "golbal",
                "--min-channels",
                "0",
                "--set",
                "q=1",
                "--set",
                "p=3",
                "--set",
                "scope=local",
                "--seed",
                "x"))
        .containsExactlyInAnyOrder(
            "error: --set q: unknown parameter of the method or key 'q'; did you mean 'p'? allowed:"
                + " p, reduction, normalizer, scope, rounding, on-empty, min-channels, round-to,"
                + " ignore, protect, ties, apply, layer-ratios, layer-caps, skip-first, layers,"
                + " zero-parts, target, steps, between, layer, attention, samples-per-class, head",
            "error: --set scope: scope is also given by --scope",
            "error: --set p: method ln: p is '3', allowed: 1, 2, inf",
            "error: --scope is \"golbal\"; did you mean 'global'? allowed: local, global,"
                + " isomorphic",
            "error: --min-channels is \"0\"; allowed: a whole number of at least 1",
            "error: --ratio is \"1.2\"; allowed: a number in [0, 1)",
            "error: --seed is \"x\"; allowed: a whole number");
  }

  @Test
  void eachWrongSettingIsToldUnderItsOwnKey() {
    List<String> model = List.of("--model", "small-cnn", "--weights", "procedural");
    assertThat(
            refused(
                "score",
                model,
                "--method",
                "ln",
                "--set",
                "p=3",
                "--set",
                "reduction=foo",
                "--set",
                "normalizer=none"))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .isEqualTo("error: --set p: method ln: p is '3', allowed: 1, 2, inf"),
            line ->
                assertThat(line)
                    .startsWith(
                        "error: --set reduction: method ln: reduction is 'foo', allowed: "));
    assertThat(refused("score", model, "--method", "ln", "--set", "p=2", "--set", "reduction=foo"))
        .singleElement()
        .asString()
        .startsWith("error: --set reduction: method ln: reduction is 'foo', allowed: ");
    assertThat(
            refused(
                "score",
                model,
                "--method",
                "taylor",
                "--set",
                "reduction=mean",
                "--set",
                "method.head=subset",
                "--set",
                "sees=all",
                "--set",
                "tap=no"))
        .containsExactly(
            "error: --set tap: method taylor: tap is 'no', allowed: layer, norm, nonlinearity",
            "error: --set sees: method taylor: sees is 'all' and head is 'subset', but the subset's"
                + " head has no output for the images of other classes; allowed: one of the two");
    assertThat(prune("--ratio", "1", "--set", "steps=3", "--set", "target=macs=0.5"))
        .containsExactlyInAnyOrder(
            "error: --ratio is \"1\"; allowed: a number in [0, 1)",
            "error: --set steps: a target is reached in one step, found target macs=0.5 and steps"
                + " 3");
  }

  @Test
  void allThatIsWrongWithASelectionIsToldBeforeAnythingIsScored() {
    assertThat(
            prune(
                "--ratio",
                "0.5",
                "--scope",
                "global",
                "--set",
                "layer-ratios=con1=0.3",
                "--set",
                "zero-parts=[weight]",
                "--set",
                "steps=1000000"))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("error: zero-parts say what of a channel"),
            line -> assertThat(line).startsWith("error: layer-ratios: 'con1' matches no layer"),
            line ->
                assertThat(line).startsWith("error: layer-ratios hold for each layer by itself"),
            line -> assertThat(line).startsWith("error: steps is 1000000, but only "));
  }

  @Test
  void eachEntryOfATextThatIsWrongIsNamed() {
    assertThat(prune("--ratio", "0.5", "--set", "layer-ratios=conv1=1.5 conv2=0.5 *=x"))
        .containsExactly(
            "error: --set layer-ratios is \"conv1=1.5 conv2=0.5 *=x\", in which 'conv1=1.5' and"
                + " '*=x' cannot stand; allowed: a number in [0, 1), or GLOB=NUMBER with spaces"
                + " between");
    assertThat(prune("--ratio", "0.5", "--set", "layer-caps=1.5"))
        .containsExactly(
            "error: --set layer-caps is \"1.5\"; allowed: a number in [0, 1], or GLOB=NUMBER with"
                + " spaces between");
    List<String> model = List.of("--model", "small-cnn", "--weights", "procedural");
    assertThat(refused("score", model, "--method", "threshold", "--set", "quality=conv1=-1 1 =2"))
        .containsExactly(
            "error: --set quality: method threshold: quality: 'conv1=-1' is no number by layer,"
                + " allowed: a number of at least 0, or GLOB=NUMBER",
            "error: --set quality: method threshold: quality: '=2' is no number by layer, allowed:"
                + " a number of at least 0, or GLOB=NUMBER");
  }

  @Test
  void numbersThatNoMachineHoldsAreRefusedAtOnce() {
    List<String> model = List.of("--model", "small-cnn", "--weights", "procedural");
    assertThat(refused("score", model, "--method", "tvs", "--set", "rounds=99999999999"))
        .containsExactly(
            "error: --set rounds: method tvs: rounds is '99999999999', allowed: a whole number from"
                + " 1 to 2147483647");
    assertThat(refused("score", model, "--method", "tvs", "--set", "accuracy=1e-999999999"))
        .containsExactly(
            "error: --set accuracy: method tvs: accuracy is '1e-999999999', allowed: a number in"
                + " [0, 1]");
    assertThat(prune("--ratio", "0.5", "--set", "target=bytes=1e308GB"))
        .singleElement()
        .asString()
        .startsWith("error: --set target is \"bytes=1e308GB\"; allowed: none, macs=SHARE");
  }

  @Test
  void whatACommandWouldIgnoreIsRefused() {
    List<String> model = List.of("--model", "small-cnn", "--weights", "procedural");
    assertThat(
            refused("evaluate", model, "--data", "fashion", "--method", "ln", "--set", "ties=all"))
        .containsExactly(
            "error: --method has no meaning for evaluate",
            "error: --set ties has no meaning for evaluate");
    assertThat(refused("inspect", model, "--method", "ln", "--subset", "1", "--samples", "3"))
        .containsExactly(
            "error: --method has no meaning for inspect",
            "error: --subset has no meaning for inspect",
            "error: --samples has no meaning for inspect");
    assertThat(refused("score", model, "--method", "ln", "--set", "head=full", "--set", "ties=all"))
        .containsExactly(
            "error: --set head has no meaning for score; the method's own is method.head",
            "error: --set ties has no meaning for score");
    assertThat(
            refused("score", model, "--method", "taylor", "--set", "head=full", "--set", "tap=no"))
        .contains(
            "error: --set tap: method taylor: tap is 'no', allowed: layer, norm, nonlinearity");
    assertThat(prune("--ratio", "0.5", "--set", "head=subset"))
        .containsExactly(
            "error: head=subset needs a subset to reduce the head to; name it with --subset");
    assertThat(prune("--ratio", "0.5", "--out", "/proc/x"))
        .containsExactly("error: /proc/x cannot be written: /proc takes no new files");
  }

  private static List<String> refused(String command, List<String> model, String... more) {
    return refused(
        Stream.of(Stream.of(command), model.stream(), Arrays.stream(more))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  @Test
  void unknownNamesGetTheNearestOffered() {
    assertThat(refused("inspect", "--model", "resnet21"))
        .singleElement()
        .asString()
        .startsWith("error: unknown model 'resnet21'; did you mean 'resnet20'? allowed: ");
    assertThat(refused("score", "--model", "small-cnn", "--method", "tailor"))
        .singleElement()
        .asString()
        .startsWith(
            "error: --method: unknown method 'tailor'; did you mean 'taylor'? allowed: activation");
    assertThat(prune("--ratio", "0.5", "--ignore", "con1,*.fc"))
        .containsExactly(
            "error: ignore: 'con1' matches no layer of the network; did you mean 'conv1'?",
            "error: ignore: '*.fc' matches no layer of the network");
    assertThat(
            prune("--ratio", "0.5", "--set", "layer-ratios=con1=0.3", "--set", "layer-caps=x*=0.2"))
        .containsExactly(
            "error: layer-ratios: 'con1' matches no layer of the network; did you mean 'conv1'?",
            "error: layer-caps: 'x*' matches no layer of the network");
    assertThat(prune("--ratio", "0.5", "--set", "protect=con1", "--set", "layer=con*"))
        .containsExactly(
            "error: protect: 'con1' matches no layer of the network; did you mean 'conv1'?");
    assertThat(prune("--ratio", "0.5", "--set", "layer=cnv2"))
        .containsExactly(
            "error: layer: 'cnv2' matches no layer of the network; did you mean 'conv2'?");
    List<String> model = List.of("--model", "small-cnn", "--weights", "procedural");
    assertThat(
            refused(
                "prune",
                model,
                "--method",
                "threshold",
                "--ratio",
                "0.5",
                "--set",
                "quality=con1=1 1"))
        .containsExactly(
            "error: quality: 'con1' matches no layer of the network; did you mean 'conv1'?");
  }

  @Test
  void masksThatLeaveNothingAreRefused() {
    List<String> model = List.of("--model", "small-cnn", "--weights", "procedural");
    assertThat(
            refused(
                "prune",
                model,
                "--method",
                "block",
                "--ratio",
                "0.5",
                "--set",
                "rows=1000000",
                "--set",
                "columns=1000000"))
        .singleElement()
        .asString()
        .startsWith("error: nothing would be left: all ");
  }

  @Test
  void whatWouldDoNothingIsRefused() {
    assertThat(prune("--ratio", "0.5", "--set", "zero-parts=[weight]"))
        .containsExactly(
            "error: zero-parts say what of a channel apply = zero zeroes, but apply is remove;"
                + " allowed: apply zero");
    assertThat(prune("--ratio", "0.5", "--set", "steps=1000000"))
        .singleElement()
        .asString()
        .startsWith("error: steps is 1000000, but only ")
        .endsWith(" channels can go; allowed: at most as many steps");
  }

  @Test
  void whatIsMissingOrBrokenIsNamed() throws IOException {
    assertThat(refused("evaluate", "--model", "small-cnn", "--data", "fashion"))
        .containsExactly(
            "error: small-cnn has no weights; allowed: a checkpoint file or procedural, or a model"
                + " folder or an ONNX file in place of small-cnn");
    assertThat(refused("evaluate", "--model", "small-cnn", "--weights", "procedural"))
        .containsExactly("error: images are needed; name data, as in --data fashion");
    assertThat(
            refused("evaluate", "--model", "small-cnn", "--weights", "no.th", "--data", "fashion"))
        .containsExactly("error: weights file no.th does not exist");
    assertThat(refused("inspect", "--model", "./nowhere"))
        .containsExactly("error: model folder ./nowhere does not exist");
    assertThat(
            refused(
                "evaluate",
                "--model",
                "small-cnn",
                "--weights",
                "procedural",
                "--data",
                "fashion",
                "--subset",
                "12"))
        .containsExactly(
            "error: class 12 does not exist: the data have 10 classes, allowed: 0 to 9");
    assertThat(
            refused(
                "evaluate",
                "--model",
                "small-cnn",
                "--weights",
                "procedural",
                "--data",
                "cifar10:/nowhere"))
        .singleElement()
        .asString()
        .contains("/nowhere");
    assertThat(
            refused(
                "infer",
                "--model",
                "small-cnn",
                "--weights",
                "procedural",
                "--input",
                "procedural:x"))
        .containsExactly(
            "error: input 'procedural:x'; allowed: procedural:K with a whole number K");
    Path junk = Files.write(folder.resolve("junk.npz"), new byte[] {1, 2, 3});
    assertThat(
            refused(
                "infer",
                "--model",
                "small-cnn",
                "--weights",
                "procedural",
                "--input",
                junk.toString()))
        .hasSize(1);
    assertThat(prune("--ratio", "0.5", "--json", folder + "/no/such/file.json"))
        .containsExactly(
            "error: --json "
                + folder
                + "/no/such/file.json: the folder "
                + folder
                + "/no/such does not exist");
  }

  @Test
  void anotherNetworksCheckpointIsRefusedWithTheNamesThatDoNotFit() {
    Path weights = Shared.require("data/weights/resnet56-4bfd9763.th");
    assertThat(refused("inspect", "--model", "resnet20", "--weights", weights.toString()))
        .singleElement()
        .asString()
        .contains("does not fit the network", "layer1.3.conv1.weight");
  }

  @Test
  void nothingRemovedIsAnErrorThatSaysWhyAndLeavesNothingBehind() throws IOException {
    Path out = folder.resolve("out");
    assertThat(
            prune(
                "--ratio",
                "0.001",
                "--rounding",
                "down",
                "--out",
                out.toString(),
                "--json",
                folder.resolve("a.json").toString()))
        .containsExactly(
            "error: nothing was removed: of 224 prunable channels, ratio 0.001 with scope local and"
                + " rounding down takes none");
    assertThat(prune("--ratio", "0.5", "--ignore", "*"))
        .containsExactly(
            "error: nothing was removed: the network has no prunable channels, for all of them"
                + " reach an output or belong to an ignored layer (ignore is *)");
    assertThat(prune("--ratio", "0.5", "--set", "skip-first=1000"))
        .containsExactly(
            "error: nothing was removed: all of the 224 prunable channels are protected (skip-first"
                + " is 1000 of layers all)");
    assertThat(prune("--ratio", "0.5", "--set", "target=macs=1"))
        .containsExactly(
            "error: nothing was removed: the network as it is meets the target macs=1");
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
    assertThat(
            Shell.run(
                    "prune",
                    "--model",
                    "small-cnn",
                    "--weights",
                    "procedural",
                    "--method",
                    "ln",
                    "--ratio",
                    "0")
                .code())
        .isZero();
  }

  @Test
  void helpIsWorthReadingForEveryCommand() {
    assertThat(Shell.run("--help").out())
        .contains("evaluate", "infer", "score", "prune", "inspect", "Commands:");
    for (String command : List.of("evaluate", "infer", "score", "prune", "inspect")) {
      Shell.Outcome help = Shell.run(command, "--help");
      assertThat(help.code()).isZero();
      assertThat(help.out()).contains("--model", "--json", "--set");
    }
  }

  @Test
  void aProcessWithTooLittleMemorySaysSoWithoutAStackTrace() {
    StringWriter err = new StringWriter();
    int code = Failures.broken(new OutOfMemoryError("Java heap space"), new PrintWriter(err, true));
    assertThat(code).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("error: the memory of this process is not enough (Java heap space)")
        .hasLineCount(1);
  }
}
