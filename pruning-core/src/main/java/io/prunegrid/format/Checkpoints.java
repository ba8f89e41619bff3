package io.prunegrid.format;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;

/**
 * Weights that others trained. Torch checkpoints, in the legacy stream and in the zip form, and
 * safetensors files are told apart by their content. A checkpoint may be the state dict itself or a
 * dict that holds it beside other things. Nothing in a file is executed, and no file makes the
 * reader take more memory than its own size warrants.
 */
public final class Checkpoints {
  private static final int HEAD = 9;
  private static final int PICKLE = 0x80;
  private static final int ZIP = 'P' | 'K' << 8;

  private Checkpoints() {}

  /**
   * Every tensor of a file by its torch-style name, in file order, as float32; a {@code module.} in
   * front of all names is left out. float64, float16 and bfloat16 are converted.
   *
   * @throws BadInput when the file is missing, truncated, damaged, of an unknown kind, or holds
   *     names or element types that weights do not need
   */
  public static Map<String, Tensor> read(Path file) {
    try (FileBytes bytes = FileBytes.open(file)) {
      ByteBuffer head = head(bytes);
      TensorDecoder decoder = new TensorDecoder(bytes.length());
      if (head.remaining() > 1 && head.getShort(0) == ZIP) {
        try (ZipMembers members = ZipMembers.open(file, bytes.length())) {
          return ZipCheckpoint.read(members).tensors(decoder);
        }
      }
      if (head.remaining() == HEAD && head.get(HEAD - 1) == '{') {
        return SafetensorsReader.read(bytes, decoder);
      }
      if (head.hasRemaining() && (head.get(0) & 0xff) == PICKLE) {
        return LegacyCheckpoint.read(bytes).tensors(decoder);
      }
      throw new Malformed(
          bytes.length() == 0
              ? "is empty, expected a torch checkpoint or a safetensors file"
              : "is neither a torch checkpoint nor a safetensors file, by its first bytes");
    } catch (IOException e) {
      throw Malformed.report(file, e);
    }
  }

  private static ByteBuffer head(Bytes bytes) throws IOException {
    try (InputStream in = bytes.open(0)) {
      return ByteBuffer.wrap(in.readNBytes(HEAD)).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
