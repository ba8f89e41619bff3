package io.prunegrid.format.onnx;

import io.prunegrid.common.BadInput;
import io.prunegrid.format.Bytes;
import io.prunegrid.format.FileBytes;
import io.prunegrid.format.Malformed;
import io.prunegrid.format.MemoryBytes;
import io.prunegrid.graph.Model;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Networks out of ONNX files, opset 11 to 17, as PyTorch exports them. The batch, axis 0 of the
 * input, is left out; what the file computes from shapes and constants is computed at once; pieces
 * that PyTorch takes apart (GELU, layer and group normalization, channel shuffles) are put together
 * again. A layer has the name of its weight's initializer less {@code .weight}, or else its node's.
 *
 * <p>Nothing in a file is trusted: it is read in place, and what is reserved stays in proportion to
 * it.
 */
public final class OnnxImport {
  private OnnxImport() {}

  /**
   * Reads a network with its weights.
   *
   * @throws BadInput one plain sentence naming the file, and the node where it is one's fault: a
   *     file that is missing or damaged, an operator or a use of one that is not supported,
   *     external data, sizes that are open
   */
  public static Model read(Path file) {
    try (FileBytes bytes = FileBytes.open(file)) {
      return read(bytes);
    } catch (IOException e) {
      throw Malformed.report(file, e);
    }
  }

  /**
   * The network in the bytes of a file.
   *
   * @param source what to call the bytes in a message
   * @throws BadInput as {@link #read} does
   */
  public static Model decode(byte[] bytes, String source) {
    try {
      return read(new MemoryBytes(bytes));
    } catch (IOException e) {
      throw new BadInput(source + ": " + e.getMessage(), e);
    }
  }

  private static Model read(Bytes bytes) throws IOException {
    return new Translation(OnnxReader.read(bytes), bytes.length()).model();
  }
}
