package io.prunegrid.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.prunegrid.job.cli.Shell;
import io.prunegrid.testing.Shared;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a person asks for and cannot have: told in plain lines, exit code 2, nothing half written.
 */
@Timeout(120)
class RefusedRunsTest {
  @TempDir Path folder;

  private Path sweep(String data, String model) throws IOException {
    return Files.writeString(
        folder.resolve("s.conf"),
        """
        sweep {
          data = "%s"
          models = [%s]
          methods = [ln]
          ratios = [0.5]
        }
        """
            .formatted(data, model));
  }

  private String weights(Path file) {
    return "{ name = resnet20, weights = \"" + file + "\" }";
  }

  private List<String> refusedRun(Path sweep, String... more) {
    Path results = folder.resolve("results");
    String[] arguments =
        Stream.concat(
                Stream.of("run", sweep.toString(), "--results", results.toString()),
                Arrays.stream(more))
            .toArray(String[]::new);
    List<String> errors = refused(arguments);
    assertThat(results).doesNotExist();
    return errors;
  }

  private static List<String> refused(String... arguments) {
    Shell.Outcome outcome = Shell.run(arguments);
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.errors()).allMatch(line -> line.startsWith("error: "));
    return outcome.errors();
  }

  /** A copy of the real images with one file changed. */
  private Path cifarWith(String name, byte[] content) throws IOException {
    Path copy = Files.createDirectories(folder.resolve("cifar"));
    try (Stream<Path> files = Files.list(Shared.require("data/cifar10"))) {
      for (Path file : files.toList()) {
        Files.write(copy.resolve(file.getFileName().toString()), Files.readAllBytes(file));
      }
    }
    Files.write(copy.resolve(name), content);
    return copy;
  }

  @Test
  void everySlipOfASweepFileIsToldWithItsLineByARealProcess() throws IOException {
    Files.writeString(
        folder.resolve("bad.conf"),
        """
        sweep {
          data = fashion
          sedes = [1]
          models = [small-cnn]
          train { epochs = 1 }
          methods = [tailor]
          ratios = [1.2]
          subsets = [{ name = x, classes = [12] }]
        }
        """);
    Path empty = Files.createDirectories(folder.resolve("empty"));
    Program.Outcome outcome = Program.run(empty, "run", "../bad.conf");

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err().lines())
        .hasSize(4)
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .contains("bad.conf:3: unknown key of sweep 'sedes'; did you mean 'seeds'?"),
            line ->
                assertThat(line)
                    .contains("bad.conf:6: ", "unknown method 'tailor'; did you mean 'taylor'?"),
            line ->
                assertThat(line)
                    .endsWith("bad.conf:7: sweep.ratios[0] is 1.2; allowed: a number in [0, 1)"),
            line -> assertThat(line).contains("bad.conf:8: ", "class 12 does not exist"));
    try (Stream<Path> left = Files.list(empty)) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .as("nothing but this test's own captures")
          .allMatch(name -> name.matches("(out|err)\\d+\\.txt"));
    }
  }

  @Test
  void aDataFolderThatIsMissingOrABatchThatIsCutIsNamed() throws IOException {
    assertThat(refusedRun(sweep("cifar10:" + folder + "/nowhere", "vgg16")))
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("s.conf:2: sweep.data: data 'cifar10:" + folder + "/nowhere'")
                    .endsWith("/nowhere does not exist"));

    byte[] batch = Files.readAllBytes(Shared.require("data/cifar10/test_batch.bin"));
    Path cut = cifarWith("test_batch.bin", Arrays.copyOf(batch, batch.length - 1000));
    Path weights = Shared.require("data/weights/resnet20-12fca82f.th");
    assertThat(refusedRun(sweep("cifar10:" + cut, weights(weights))))
        .singleElement()
        .asString()
        .contains("s.conf:2: ", "test_batch.bin", "3073", String.valueOf(batch.length - 1000));
    assertThat(
            refused(
                "evaluate",
                "--model",
                "resnet20",
                "--weights",
                weights.toString(),
                "--data",
                "cifar10:" + cut))
        .singleElement()
        .asString()
        .contains("test_batch.bin", String.valueOf(batch.length - 1000));
  }

  @Test
  void aCheckpointThatIsCutIsNamed() throws IOException {
    String cifar = "cifar10:" + Shared.require("data/cifar10");
    for (String name : List.of("resnet20-12fca82f.th", "resnet20-zip.pth")) {
      byte[] whole = Files.readAllBytes(Shared.require("data/weights").resolve(name));
      for (int length : new int[] {whole.length - 1, whole.length / 2, 100, 0}) {
        Path cut = Files.write(folder.resolve("cut-" + name), Arrays.copyOf(whole, length));
        assertThat(refusedRun(sweep(cifar, weights(cut))))
            .singleElement()
            .asString()
            .contains("s.conf:3: ", "cut-" + name);
        assertThat(refused("inspect", "--model", "resnet20", "--weights", cut.toString()))
            .singleElement()
            .asString()
            .contains("cut-" + name);
      }
    }
  }

  @Test
  void anotherNetworksCheckpointIsOneMessageOfTheRun() throws IOException {
    Path weights = Shared.require("data/weights/resnet56-4bfd9763.th");
    String cifar = "cifar10:" + Shared.require("data/cifar10");
    assertThat(refusedRun(sweep(cifar, weights(weights))))
        .singleElement()
        .asString()
        .contains("s.conf:3: ", "does not fit the network", "layer1.3.conv1.weight");
  }

  @Test
  void aPickleThatCallsACommandIsRefusedAndTheCommandDoesNotRun() throws IOException {
    Path witness = folder.resolve("witness");
    for (String module : List.of("os", "posix", "builtins", "subprocess")) {
      byte[] pickle =
          ("c" + module + "\nsystem\n(S'touch " + witness + "'\ntR.")
              .getBytes(StandardCharsets.US_ASCII);
      byte[] modern = withProtocol(pickle);
      for (byte[] content : List.of(pickle, modern, zip(pickle), zip(modern), legacy(modern))) {
        Path file = Files.write(folder.resolve("evil.pth"), content);
        assertThat(refused("inspect", "--model", "resnet20", "--weights", file.toString()))
            .singleElement()
            .asString()
            .contains("evil.pth");
        assertThat(refusedRun(sweep("cifar10:" + Shared.require("data/cifar10"), weights(file))))
            .singleElement()
            .asString()
            .contains("s.conf:3: ", "evil.pth");
        assertThat(witness).doesNotExist();
      }
    }
    Path file =
        Files.write(
            folder.resolve("evil.pth"),
            zip(
                withProtocol(
                    ("cos\nsystem\n(S'touch " + witness + "'\ntR.")
                        .getBytes(StandardCharsets.US_ASCII))));
    assertThat(refused("inspect", "--model", "resnet20", "--weights", file.toString()))
        .singleElement()
        .asString()
        .contains("os", "system");
  }

  private static byte[] withProtocol(byte[] pickle) {
    byte[] all = new byte[pickle.length + 2];
    all[0] = (byte) 0x80;
    all[1] = 2;
    System.arraycopy(pickle, 0, all, 2, pickle.length);
    return all;
  }

  /** The stream of torch's old format: its magic number, version and platform, then the pickle. */
  private static byte[] legacy(byte[] pickle) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] magic = {
      (byte) 0x80,
      2,
      (byte) 0x8a,
      10,
      0x6c,
      (byte) 0xfc,
      (byte) 0x9c,
      0x46,
      (byte) 0xf9,
      0x20,
      0x6a,
      (byte) 0xa8,
      0x50,
      0x19,
      '.'
    };
    bytes.writeBytes(magic);
    bytes.writeBytes(new byte[] {(byte) 0x80, 2, 'M', (byte) 0xe9, 3, '.'});
    bytes.writeBytes(new byte[] {(byte) 0x80, 2, '}', '.'});
    bytes.writeBytes(pickle);
    return bytes.toByteArray();
  }

  private static byte[] zip(byte[] pickle) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      stored(zip, "archive/data.pkl", pickle);
      stored(zip, "archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    }
    return bytes.toByteArray();
  }

  private static void stored(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    CRC32 sum = new CRC32();
    sum.update(content);
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  @Test
  void resultsOrAStoreThatCannotBeWrittenAreRefusedBeforeAnythingIsMade() throws IOException {
    Path sweep = sweep("fashion", "{ name = small-cnn, weights = procedural }");
    Path file = Files.writeString(folder.resolve("file"), "text");
    for (String command : List.of("run", "plan")) {
      assertThat(refused(command, sweep.toString(), "--results", file + "/results"))
          .containsExactly(
              "error: results folder "
                  + file
                  + "/results cannot be made: "
                  + file
                  + " is not a folder");
      assertThat(
              refused(
                  command,
                  sweep.toString(),
                  "--results",
                  folder + "/results",
                  "--store",
                  file + "/store"))
          .containsExactly(
              "error: artifact store "
                  + file
                  + "/store cannot be made: "
                  + file
                  + " is not a folder");
    }
    assertThat(refused("run", sweep.toString(), "--results", "/proc/results"))
        .singleElement()
        .asString()
        .startsWith("error: results folder /proc/results cannot be ");
    assertThat(refusedRun(sweep, "--store", "/proc/store"))
        .singleElement()
        .asString()
        .startsWith("error: artifact store /proc/store cannot be ");
    assertThat(file).hasContent("text");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).hasSize(2);
    }
  }

  @Test
  void aFolderThatAnotherProcessWritesIsRefusedAndThatProcessIsNotDisturbed() throws Exception {
    Path sweep =
        Files.writeString(
            folder.resolve("two.conf"),
            """
            sweep {
              data = fashion
              models = [{ name = small-cnn, weights = procedural }]
              methods = [ln]
              ratios = [0.2, 0.4]
            }
            """);
    Path results = folder.resolve("taken");
    Program other = Program.start(folder, "run", sweep.toString(), "--results", "taken");
    Path lock = results.resolve("lock");
    while (other.isRunning() && (!Files.exists(lock) || Files.size(lock) == 0)) {
      Thread.sleep(5);
    }
    assertThat(refused("run", sweep.toString(), "--results", results.toString()))
        .singleElement()
        .asString()
        .startsWith("error: results folder " + results + " is being written by another run")
        .contains("process " + other.id());
    assertThat(other.finish().code()).isZero();
    assertThat(new CellsTable(results).count()).isEqualTo(2);
  }
}
