package io.prunegrid.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepErrorsTest {
  @TempDir Path folder;

  private List<String> problems(String text, String... overrides) {
    Path file = folder.resolve("v.conf");
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    BadInput bad =
        catchThrowableOfType(
            BadInput.class, () -> SweepFile.read(file, List.of(overrides), new FakeVocabulary()));
    assertThat(bad).as("a refusal of %s", text).isNotNull();
    return bad.problems().stream()
        .map(problem -> problem.replace(folder.toString() + "/", ""))
        .toList();
  }

  private static final String GOOD =
      """
      sweep {
        data = fashion
        models = [{ name = resnet20, weights = procedural }]
        methods = [ln]
        ratios = [0.5]
      """;

  private List<String> added(String... lines) {
    return problems(GOOD + String.join("\n", lines) + "\n}\n");
  }

  @Test
  void severalProblemsAreToldTogetherInTheOrderOfTheLines() {
    assertThat(
            problems(
                """
                sweep {
                  data = fashion
                  seeds = [0, 1.5, 1e99]
                  models = [resnet21, { name = resnet20, weight = procedural }]
                  methods = [tailor, { name = ln, q = 2 }, { name = ln, p = 3 }]
                  subsets = ["12", { name = v, classes = [0, 0, shirz] }]
                  ratios = [
                    0.5
                    1.2
                    0.50
                  ]
                  retrain { epoch = 1, batch = 0, optimizer = sdg }
                  train { epochs = 1 }
                  scope = golbal
                  sedes = [1]
                }
                """))
        .containsExactly(
            "v.conf:3: sweep.seeds[1] is 1.5; allowed: a whole number",
            "v.conf:3: sweep.seeds[2] is 1e99; allowed: a whole number",
            "v.conf:4: unknown key of sweep.models[1] 'weight'; did you mean 'weights'? allowed:"
                + " name, weights, classes, resolution, label, train, retrain, samples,"
                + " samples-per-class, scope, rounding, on-empty, min-channels, round-to, ignore,"
                + " protect, ties, apply, layer-ratios, layer-caps, skip-first, layers, zero-parts,"
                + " target, steps, between, layer, attention",
            "v.conf:4: sweep.models[0]: unknown model 'resnet21'; did you mean 'resnet20'?"
                + " allowed: resnet20, small-cnn, or a model folder",
            "v.conf:5: sweep.methods[0]: unknown method 'tailor'; did you mean 'taylor'? allowed:"
                + " ln, magnitude, random, taylor",
            "v.conf:5: unknown key of sweep.methods[1] 'q'; did you mean 'p'? allowed: name, label,"
                + " p, samples, samples-per-class, scope, rounding, on-empty, min-channels,"
                + " round-to, ignore, protect, ties, apply, layer-ratios, layer-caps, skip-first,"
                + " layers, zero-parts, target, steps, between, layer, attention",
            "v.conf:5: sweep.methods[2]: ln p is 3; allowed: 1, 2, inf",
            "v.conf:6: sweep.subsets[0]: class 12 does not exist: the data have 10 classes,"
                + " allowed: 0 to 9",
            "v.conf:6: sweep.subsets[1].classes: class 0 is given twice in '0,0,shirz'",
            "v.conf:6: sweep.subsets[1].classes: unknown class 'shirz'; did you mean 'shirt'?"
                + " allowed: shirt, trouser, coat, dress, bag, boot, hat, sock, ship, tie",
            "v.conf:9: sweep.ratios[1] is 1.2; allowed: a number in [0, 1)",
            "v.conf:10: sweep.ratios[2] is 0.50, the same as sweep.ratios[0]",
            "v.conf:12: unknown key of sweep.retrain 'epoch'; did you mean 'epochs'? allowed:"
                + " epochs, optimizer, lr, momentum, weight-decay, batch, schedule, step-epochs,"
                + " gamma, flip, crop, validation, patience, samples",
            "v.conf:12: sweep.retrain.optimizer is \"sdg\"; did you mean 'sgd'? allowed: sgd,"
                + " adamw",
            "v.conf:12: sweep.retrain.batch is 0; allowed: a whole number of at least 1",
            "v.conf:14: sweep.scope is \"golbal\"; did you mean 'global'? allowed: local, global,"
                + " isomorphic",
            "v.conf:15: unknown key of sweep 'sedes'; did you mean 'seeds'? allowed: name,"
                + " waits-for, results, store, stores, keep-models, slots, threads, device, gpus,"
                + " time-limit, retries, fail-fast, stop-after-same-failures, latency, data,"
                + " models, subsets, methods, ratios, seeds, train, retrain, head, vary, zip,"
                + " exclude, samples, samples-per-class, scope, rounding, on-empty, min-channels,"
                + " round-to, ignore, protect, ties, apply, layer-ratios, layer-caps, skip-first,"
                + " layers, zero-parts, target, steps, between, layer, attention, only, grids");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThat(problems("sweep {\n}\n"))
        .containsExactly(
            "v.conf:1: sweep.data is missing; allowed: a text",
            "v.conf:1: sweep.models is missing; allowed: a list of names, or of { name, weights,"
                + " classes, resolution }",
            "v.conf:1: sweep.methods is missing; allowed: a list of names, or of { name,"
                + " parameters }",
            "v.conf:1: sweep.ratios is missing; allowed: a list of numbers in [0, 1), or { from,"
                + " to, step }");
  }

  @Test
  void emptyAxesAndWrongTypesAreNamed() {
    assertThat(
            problems(
                """
                sweep {
                  data = [fashion]
                  models = []
                  methods = ln
                  subsets = {}
                  ratios = []
                  seeds = 3
                  retrain = 2
                  keep-models = 2
                  ignore = { a = 1 }
                  grids = []
                }
                """))
        .containsExactly(
            "v.conf:2: sweep.data is [\"fashion\"]; allowed: a text",
            "v.conf:3: sweep.models is empty; allowed: a list of names, or of { name, weights,"
                + " classes, resolution }",
            "v.conf:4: sweep.methods is \"ln\"; allowed: a list of names, or of { name,"
                + " parameters }",
            "v.conf:5: sweep.subsets is {}; allowed: a list of all, \"0,1,8,9\" or { name,"
                + " classes }",
            "v.conf:6: sweep.ratios is empty; allowed: a list of numbers in [0, 1), or { from,"
                + " to, step }",
            "v.conf:7: sweep.seeds is 3; allowed: a list of whole numbers, or { from, count }",
            "v.conf:8: sweep.retrain is 2; allowed: keys in braces",
            "v.conf:9: sweep.keep-models is 2; allowed: true, false",
            "v.conf:10: sweep.ignore is {\"a\":1}; allowed: a list of globs over layer names",
            "v.conf:11: sweep.grids is []; allowed: keys in braces");
  }

  @Test
  void missingDataAndWeightsAreNamedWithTheirLines() {
    assertThat(
            problems(
                """
                sweep {
                  data = "cifar10:/nowhere"
                  models = [{ name = resnet20, weights = no.th }, small-cnn]
                  methods = [ln], ratios = [0.5], subsets = ["99"]
                }
                """))
        .containsExactly(
            "v.conf:2: sweep.data: data 'cifar10:/nowhere': the folder does not exist",
            "v.conf:3: sweep.models[0]: weights file no.th does not exist",
            "v.conf:3: sweep.models[1] has no weights and is trained from scratch, but"
                + " sweep.train.epochs is missing; allowed: a whole number of at least 0, as with"
                + " --set train.epochs=10");
  }

  @Test
  void aGlobThatMatchesNothingIsASlip() {
    assertThat(added("ignore = [conv1, cov1]", "protect = [\"layer9.*\"]"))
        .containsExactly(
            "v.conf:6: sweep.ignore: 'cov1' matches no layer of any of the models; did you mean"
                + " 'conv1'?",
            "v.conf:7: sweep.protect: 'layer9.*' matches no layer of any of the models");
    assertThat(added("layer-ratios = \"cov1=0.3 0.5\"", "layer-caps = \"layer9.*=0.3\""))
        .containsExactly(
            "v.conf:6: sweep.layer-ratios: 'cov1' matches no layer of any of the models; did you"
                + " mean 'conv1'?",
            "v.conf:7: sweep.layer-caps: 'layer9.*' matches no layer of any of the models");
  }

  @Test
  void eachEntryOfATextThatIsWrongIsNamed() {
    assertThat(added("layer-ratios = \"conv1=1.5 0.5 linear=x\"", "layer-caps = \"a\""))
        .containsExactly(
            "v.conf:6: sweep.layer-ratios is \"conv1=1.5 0.5 linear=x\", in which 'conv1=1.5' and"
                + " 'linear=x' cannot stand; allowed: a number in [0, 1), or GLOB=NUMBER with spaces"
                + " between",
            "v.conf:7: sweep.layer-caps is \"a\"; allowed: a number in [0, 1], or GLOB=NUMBER with"
                + " spaces between");
  }

  @Test
  void ofABlockOnTheCommandLineTheKeyInsideIsNamed() {
    assertThat(
            problems(
                GOOD + "}\n",
                "latency={batch-sizes=[1,1],half-width=0}",
                "models=[{name=resnet20,weights=procedural,classes=0}]",
                "vary={steps=[0]}",
                "retrain.epochs=-1",
                "scope=no"))
        .containsExactlyInAnyOrder(
            "--set latency: sweep.latency.batch-sizes lists a whole number twice",
            "--set latency: sweep.latency.half-width is 0; allowed: a number above 0 and below 1",
            "--set models: sweep.models[0].classes is 0; allowed: a whole number of at least 1",
            "--set vary: sweep.steps is 0; allowed: a whole number of at least 1",
            "--set scope is \"no\"; allowed: local, global, isomorphic",
            "--set retrain.epochs is \"-1\"; allowed: a whole number of at least 0");
  }

  @Test
  void keysThatDoNotGoTogetherHideNothingElse() {
    String why = ": a target is reached in one step, found target macs=0.5 and steps 3";
    assertThat(
            problems(
                """
                sweep {
                  data = fashion
                  models = [{ name = resnet20, weights = procedural }]
                  methods = [
                    ln
                    { name = ln, p = 2, steps = 3 }
                    { name = random, label = x, target = none }
                  ]
                  ratios = [0.5]
                  target = "macs=0.5"
                  rounding = sideways
                  typo = 3
                }
                """))
        .satisfiesExactly(
            p -> assertThat(p).isEqualTo("v.conf:6: sweep.methods[1].steps" + why),
            p -> assertThat(p).startsWith("v.conf:11: sweep.rounding is \"sideways\""),
            p -> assertThat(p).startsWith("v.conf:12: unknown key of sweep 'typo'"));
    assertThat(added("steps = 3", "target = \"macs=0.5\""))
        .containsExactly("v.conf:6: sweep.steps" + why);
    assertThat(added("vary = { steps = [1, 3] }", "target = \"macs=0.5\"", "scope = no"))
        .satisfiesExactly(
            p -> assertThat(p).isEqualTo("v.conf:6: sweep.steps" + why),
            p -> assertThat(p).startsWith("v.conf:8: sweep.scope is \"no\""));
    assertThat(added("steps = 3", "grids { a { target = \"macs=0.5\" }, b { ratios = [0.1] } }"))
        .containsExactly("v.conf:7: sweep.grids.a.target" + why);
  }

  @Test
  void keysOfAGridThatEveryMethodOverridesMayNotGoTogether() throws IOException {
    Path file = folder.resolve("overridden.conf");
    Files.writeString(
        file,
        GOOD.replace("[ln]", "[{ name = ln, steps = 1 }, { name = random, target = none }]")
            + "steps = 3, target = \"macs=0.5\"\n}\n");
    assertThat(SweepFile.read(file, List.of(), new FakeVocabulary()).grids()).hasSize(1);
  }

  @Test
  void anEntryThatIsRefusedIsNoReasonToCallAZipUneven() {
    assertThat(
            problems(
                """
                sweep {
                  data = fashion
                  models = [{ name = resnet20, weights = procedural }]
                  methods = [ln, { name = ln, p = 3 }, tailor]
                  ratios = [0.1, 0.2, 0.3]
                  vary { min-channels = [1, 2, 3] }
                  zip = [[methods, ratios, min-channels]]
                }
                """))
        .satisfiesExactly(
            p ->
                assertThat(p)
                    .isEqualTo("v.conf:4: sweep.methods[1]: ln p is 3; allowed: 1, 2, inf"),
            p -> assertThat(p).startsWith("v.conf:4: sweep.methods[2]: unknown method 'tailor'"));
    assertThat(
            problems(
                GOOD.replace("[ln]", "[ln, { name = ln, p = 3 }]").replace("[0.5]", "[0.1, 0.2]")
                    + "zip = [[methods, ratios]]\n}\n"))
        .containsExactly("v.conf:4: sweep.methods[1]: ln p is 3; allowed: 1, 2, inf");
  }

  @Test
  void partsThatNothingZeroesAreASlip() throws IOException {
    assertThat(added("zero-parts = [weight]"))
        .containsExactly(
            "v.conf:6: sweep.zero-parts: zero-parts say what of a channel apply = zero zeroes, but"
                + " apply is remove; allowed: apply zero");
    for (String zeroing : List.of("vary = { apply = [remove, zero] }", "apply = zero")) {
      Path file = folder.resolve("zeroing.conf");
      Files.writeString(file, GOOD + "zero-parts = [weight]\n" + zeroing + "\n}\n");
      assertThat(SweepFile.read(file, List.of(), new FakeVocabulary()).grids()).isNotEmpty();
    }
  }

  @Test
  void rangesAreChecked() {
    assertThat(added("ratios = { from = 0.9, to = 0.1, step = 0.1 }"))
        .containsExactly("v.conf:6: sweep.ratios runs from 0.9 down to 0.1, which is empty");
    assertThat(added("ratios = { from = 0.1, to = 1, step = 0 }"))
        .containsExactly(
            "v.conf:6: sweep.ratios.to is 1; allowed: a number in [0, 1)",
            "v.conf:6: sweep.ratios.step is 0; allowed: a number above 0");
    assertThat(added("ratios = { from = 0.1, to = 0.9, stp = 0.1 }"))
        .containsExactly(
            "v.conf:6: unknown key of sweep.ratios 'stp'; did you mean 'step'? allowed: from, to,"
                + " step, points, scale",
            "v.conf:6: sweep.ratios.step is missing; allowed: a number above 0");
    assertThat(added("ratios = { from = 0, to = 0.9, step = 1e-30 }"))
        .containsExactly("v.conf:6: sweep.ratios has more than 10000 ratios");
  }

  @Test
  void aRatioThatOnlyRoundsToOneIsRefusedToo() {
    for (String ratio :
        List.of("1", "-0.1", "0.99999999999999999999", "NaN", "1e999999999", "half", "true")) {
      assertThat(added("ratios = [" + ratio + "]"))
          .hasSize(1)
          .first()
          .asString()
          .contains("sweep.ratios[0] is")
          .endsWith("allowed: a number in [0, 1)");
    }
  }

  @Test
  void duplicatesInAnyAxisAreNamed() {
    assertThat(
            added(
                "seeds = [1, 1]",
                "subsets = [all, { name = a, classes = [1] }, \"1\", { name = a, classes = [2] }]",
                "methods = [ln, { name = ln, p = 1 }]",
                "models = [{ name = resnet20, weights = procedural },",
                "  { weights = procedural, name = resnet20 }]"))
        .containsExactly(
            "v.conf:6: sweep.seeds[1] is 1, the same as sweep.seeds[0]",
            "v.conf:7: sweep.subsets[2] is \"1\", the same as sweep.subsets[1]",
            "v.conf:7: sweep.subsets[3] has the name 'a', as sweep.subsets[1] has",
            "v.conf:8: sweep.methods[1] is {\"name\":\"ln\",\"p\":1}, the same as"
                + " sweep.methods[0]",
            "v.conf:10: sweep.models[1] is {\"name\":\"resnet20\",\"weights\":\"procedural\"}, the"
                + " same as sweep.models[0]");
  }

  @Test
  void aProblemThatGridsInheritIsToldOnceAndOneThatTheyOverrideStillIs() {
    assertThat(
            added(
                "scope = globl",
                "ratios = [2]",
                "grids { a { ratios = [0.1] }, b { ratios = [0.2], seed = [1] } }"))
        .containsExactly(
            "v.conf:6: sweep.scope is \"globl\"; did you mean 'global'? allowed: local, global,"
                + " isomorphic",
            "v.conf:7: sweep.ratios[0] is 2; allowed: a number in [0, 1)",
            "v.conf:8: unknown key of sweep.grids.b 'seed'; did you mean 'seeds'? allowed: data,"
                + " models, subsets, methods, ratios, seeds, train, retrain, head, vary, zip,"
                + " exclude, samples, samples-per-class, scope, rounding, on-empty, min-channels,"
                + " round-to, ignore, protect, ties, apply, layer-ratios, layer-caps, skip-first,"
                + " layers, zero-parts, target, steps, between, layer, attention");
  }

  @Test
  void whatStandsOutsideTheBracesIsNamed() {
    assertThat(problems("seeds = [1]\nswep {\n}\n"))
        .containsExactlyInAnyOrder(
            "v.conf: 'sweep { ... }' is missing",
            "v.conf:1: key 'seeds' stands outside 'sweep { ... }'",
            "v.conf:2: unknown key 'swep'; did you mean 'sweep'?");
    assertThat(problems("sweep = 3"))
        .containsExactly("v.conf:1: sweep is 3; allowed: keys in braces");
  }

  @Test
  void brokenSyntaxIsOneMessageWithItsLine() {
    assertThat(problems("sweep {\n  data = fashion\n  ignore = [*.conv2]\n}\n"))
        .singleElement()
        .asString()
        .startsWith("v.conf:3: ");
    assertThat(problems("sweep {\n  data = fashion\n"))
        .singleElement()
        .asString()
        .startsWith("v.conf:");
    assertThat(problems("sweep { data = ${nothing} }"))
        .singleElement()
        .asString()
        .startsWith("v.conf:1: ")
        .contains("nothing");
    assertThat(problems("sweep { data = " + "[".repeat(200_000)))
        .singleElement()
        .asString()
        .startsWith("v.conf");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    BadInput bad =
        catchThrowableOfType(
            BadInput.class,
            () -> SweepFile.read(Path.of("no/such.conf"), List.of(), new FakeVocabulary()));
    assertThat(bad).hasMessage("sweep file no/such.conf does not exist");
    BadInput directory =
        catchThrowableOfType(
            BadInput.class, () -> SweepFile.read(folder, List.of(), new FakeVocabulary()));
    assertThat(directory).hasMessage("sweep file " + folder + " is no regular file");
  }

  @Test
  void overridesThatNameNoKeyOrTurnAListIntoAnObjectAreRefused() {
    String good = GOOD + "grids { a {} }\n}\n";
    assertThat(
            problems(
                good,
                "ratio=[0.5]",
                "sweep.ratios.from=0.1",
                "ratios={from=0.1,to=0.2,step=0.1}",
                "models.0.name=x",
                "methods={name=ln}",
                "retrain.epoch=1",
                "grids.b.ratios=[0.1]",
                "grids.a.seedz=[0]",
                "name.x=1",
                "seeds",
                "seeds=[1",
                "a..b=1"))
        .containsExactly(
            "--set ratio: unknown key of sweep 'ratio'; did you mean 'ratios'? allowed: "
                + String.join(", ", SweepKeys.SWEEP_NAMES),
            "--set sweep.ratios.from: ratios is a list, not an object; set it whole, as in"
                + " ratios=[...]",
            "--set ratios: ratios is a list, not an object; set it whole, as in ratios=[...]",
            "--set models.0.name: models is a list, not an object; set it whole, as in"
                + " models=[...]",
            "--set methods: methods is a list, not an object; set it whole, as in methods=[...]",
            "--set retrain.epoch: unknown key of retrain 'epoch'; did you mean 'epochs'? allowed: "
                + String.join(", ", SweepKeys.names(SweepKeys.TRAINING).toList()),
            "--set grids.b.ratios: unknown grid 'b'; did you mean 'a'? allowed: a",
            "--set grids.a.seedz: unknown key of sweep.grids.a 'seedz'; did you mean 'seeds'?"
                + " allowed: "
                + String.join(", ", SweepKeys.GRID_NAMES),
            "--set name.x: name has no keys inside",
            "--set seeds is not key=value",
            "--set seeds: '[1' is no HOCON value: List should have ended with ] or had a comma,"
                + " instead had token: end of file (if you want end of file to be part of a string"
                + " value, then double-quote it)",
            "--set a..b: 'a..b' is no key: Invalid path 'a..b': path has a leading,"
                + " trailing, or two adjacent period '.' (use quoted \"\" empty string if you want"
                + " an empty element)");
  }

  @Test
  void aBadValueOfAnOverrideIsBlamedOnTheOverride() {
    assertThat(problems(GOOD + "}", "ratios=[0.5, 1.5]", "sweep.seeds=7"))
        .containsExactlyInAnyOrder(
            "--set ratios: sweep.ratios[1] is 1.5; allowed: a number in [0, 1)",
            "--set sweep.seeds is \"7\"; allowed: a list of whole numbers, or { from, count }");
  }

  @Test
  void keysOfTheRunAreCheckedAndMustAgree() {
    assertThat(
            added(
                "store = a",
                "stores = [a, b]",
                "gpus = 0.5",
                "device = \"gpu:1\"",
                "time-limit = 5 weeks",
                "retries = -1",
                "latency { batch-sizes = [0], warmup = 3 }"))
        .containsExactly(
            "v.conf:6: sweep.store stands beside stores; allowed: one of the two",
            "v.conf:9: sweep.device is gpu:1, but gpus asks for GPUs; allowed: gpu",
            "v.conf:10: sweep.time-limit is \"5 weeks\"; allowed: seconds, or a number with s, m,"
                + " h or d",
            "v.conf:11: sweep.retries is -1; allowed: a whole number of at least 0",
            "v.conf:12: unknown key of sweep.latency 'warmup'; allowed: batch-sizes, runtimes,"
                + " time, half-width",
            "v.conf:12: sweep.latency.batch-sizes is [0]; allowed: a list of whole numbers of at"
                + " least 1");
    assertThat(added("stores = []", "gpus = 1.5", "latency.batch-sizes = [1, 1]"))
        .containsExactly(
            "v.conf:6: sweep.stores is empty; allowed: at least one folder",
            "v.conf:7: sweep.gpus is 1.5; allowed: a number in [0, 1]",
            "v.conf:8: sweep.latency.batch-sizes lists a whole number twice");
    assertThat(added("latency.runtimes = [djl, tflite]"))
        .containsExactly(
            "v.conf:6: sweep.latency.runtimes is [\"djl\",\"tflite\"]; allowed: a list of djl,"
                + " onnxruntime");
    assertThat(added("latency.runtimes = []"))
        .containsExactly(
            "v.conf:6: sweep.latency.runtimes is empty; allowed: at least one runtime");
    assertThat(added("device = gpu", "latency.runtimes = [onnxruntime, onnxruntime]"))
        .containsExactly(
            "v.conf:7: sweep.latency.runtimes lists a runtime twice",
            "v.conf:7: sweep.latency.runtimes lists onnxruntime, which runs on the cpu alone, but"
                + " networks run on gpu; allowed: djl");
  }
}
