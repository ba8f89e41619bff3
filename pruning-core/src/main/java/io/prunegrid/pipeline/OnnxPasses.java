package io.prunegrid.pipeline;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Shape;
import io.prunegrid.measure.NetworkPasses;
import io.prunegrid.measure.Passes;
import io.prunegrid.runtime.ComputeDevice;
import io.prunegrid.runtime.Engine;
import io.prunegrid.runtime.OnnxSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;

/**
 * A network as ONNX Runtime runs it on the CPU, timed like {@link NetworkPasses}: from a batch of
 * images in the host's memory to the outputs in the host's memory. It is exported once, to a file
 * of its own that is verified beside the network, and loaded anew whenever it is opened.
 */
public final class OnnxPasses implements Passes.Source, AutoCloseable {
  /** What ONNX Runtime says when an allocation fails. */
  private static final List<String> OUT_OF_MEMORY =
      List.of("bad_alloc", "failed to allocate memory");

  private final String name;
  private final Path folder;
  private final int threads;
  private final Shape image;
  private final int batch;
  private final float[] images;

  private OnnxPasses(String name, Path folder, int threads, Shape image, int batch) {
    this.name = name;
    this.folder = folder;
    this.threads = threads;
    this.image = image;
    this.batch = batch;
    this.images = NetworkPasses.images(image, batch);
  }

  /**
   * Exports a network to a folder for temporary files.
   *
   * @param name of the network in messages
   * @param batch images of a pass, at least 1
   * @param threads within one operator, at least 1
   * @throws OnnxError where it cannot be exported, or ONNX Runtime refuses it or computes something
   *     else
   * @throws BadInput where so many images do not fit into one array
   * @throws IOException where the file cannot be written
   */
  public static OnnxPasses export(String name, Model model, int batch, int threads)
      throws IOException {
    Path folder = Files.createTempDirectory("prunegrid-onnx-");
    try {
      OnnxPasses passes = new OnnxPasses(name, folder, threads, model.graph().input(), batch);
      passes.write(model);
      return passes;
    } catch (IOException | RuntimeException | Error e) {
      try {
        remove(folder);
      } catch (IOException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  private void write(Model model) throws IOException {
    try {
      ModelExport.write(
          file(),
          ModelExport.Format.ONNX,
          model,
          ModelExport.Verification.RUN,
          () -> Engine.open(ComputeDevice.CPU));
    } catch (CancellationException e) {
      throw e;
    } catch (BadInput | IllegalArgumentException | IllegalStateException e) {
      if (e.getCause() instanceof IOException disk) {
        throw disk;
      }
      throw error("cannot be exported", e);
    }
  }

  @Override
  public Passes open() {
    OnnxSession session = session();
    return new Passes() {
      @Override
      public void pass() {
        try {
          session.outputs(images, image, batch);
        } catch (IllegalStateException e) {
          throw error("cannot be run", e);
        }
      }

      @Override
      public void close() {
        session.close();
      }
    };
  }

  private OnnxSession session() {
    try {
      return OnnxSession.open(file(), threads, OnnxSession.Purpose.SPEED);
    } catch (IllegalStateException e) {
      throw error("cannot be opened", e);
    }
  }

  /** The network's fault, unless the machine has no memory left for it. */
  private RuntimeException error(String what, RuntimeException cause) {
    // the folder has another name each time and means nothing once it is gone
    String reason = String.valueOf(cause.getMessage()).replace(folder + "/", "");
    if (OUT_OF_MEMORY.stream().anyMatch(reason.toLowerCase(Locale.ROOT)::contains)) {
      return cause;
    }
    return new OnnxError(name + " " + what + ": " + reason, cause);
  }

  private Path file() {
    return folder.resolve("network.onnx");
  }

  /** Removes the exported file. */
  @Override
  public void close() throws IOException {
    remove(folder);
  }

  private static void remove(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve("network.onnx"));
    Files.delete(folder);
  }
}
