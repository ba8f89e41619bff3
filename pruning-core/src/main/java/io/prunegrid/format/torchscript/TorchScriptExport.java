package io.prunegrid.format.torchscript;

import io.prunegrid.format.WholeFiles;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Networks as TorchScript archives, in evaluation mode: {@code torch.jit.load(file)} gives a module
 * that computes what the network computes, and whose {@code state_dict()} has the network's tensors
 * under their names. A network with several outputs answers with a dictionary.
 *
 * <p>The archive is an uncompressed zip file: the module's source under {@code code/}, its objects
 * as a pickle in {@code data.pkl}, and the tensors' elements under {@code data/}. PyTorch 1.12 and
 * later read it.
 */
public final class TorchScriptExport {
  private static final String ROOT = "prunegrid/";

  /** Version of the operators that the source calls, PyTorch 1.12's. */
  private static final String VERSION = "10\n";

  private static final byte[] NO_CONSTANTS = {(byte) 0x80, 2, ')', '.'};
  private static final int CHUNK = 1 << 14;

  private TorchScriptExport() {}

  /**
   * Writes a file whole or not at all, replacing one that exists.
   *
   * @throws io.prunegrid.common.BadInput when the file cannot be written
   */
  public static void write(Path file, Model model) {
    WholeFiles.write(file, out -> write(out, model));
  }

  private static void write(OutputStream out, Model model) throws IOException {
    ModuleTree tree = new ModuleTree();
    model
        .graph()
        .parameters()
        .forEach(
            (name, spec) ->
                tree.add(
                    name,
                    model.weights().get(name),
                    spec.role().isBuffer() ? ModuleTree.Kind.BUFFER : ModuleTree.Kind.PARAMETER));
    String source = tree.source(new TorchSource(model.graph(), tree).forward());
    ZipOutputStream zip = new ZipOutputStream(out);
    zip.setMethod(ZipOutputStream.STORED);
    put(zip, "data.pkl", tree.pickle());
    put(zip, "code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
    put(zip, "constants.pkl", NO_CONSTANTS);
    for (int i = 0; i < tree.storages().size(); i++) {
      put(zip, "data/" + i, tree.storages().get(i));
    }
    put(zip, "version", VERSION.getBytes(StandardCharsets.UTF_8));
    zip.finish();
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(content);
    begin(zip, name, content.length, checksum);
    zip.write(content);
    zip.closeEntry();
  }

  /** A stretch of elements as bytes. */
  private interface Piece {
    void take(byte[] bytes, int length) throws IOException;
  }

  /** The elements go by in pieces, once for the checksum and once for the file. */
  private static void put(ZipOutputStream zip, String name, Tensor tensor) throws IOException {
    CRC32 checksum = new CRC32();
    pieces(tensor, (bytes, length) -> checksum.update(bytes, 0, length));
    begin(zip, name, (long) Float.BYTES * tensor.size(), checksum);
    pieces(tensor, (bytes, length) -> zip.write(bytes, 0, length));
    zip.closeEntry();
  }

  private static void pieces(Tensor tensor, Piece piece) throws IOException {
    byte[] bytes = new byte[CHUNK * Float.BYTES];
    FloatBuffer floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    for (int done = 0; done < tensor.size(); ) {
      int count = Math.min(CHUNK, tensor.size() - done);
      floats.clear().put(tensor.asBuffer().slice(done, count));
      piece.take(bytes, count * Float.BYTES);
      done += count;
    }
  }

  private static void begin(ZipOutputStream zip, String name, long size, CRC32 checksum)
      throws IOException {
    ZipEntry entry = new ZipEntry(ROOT + name);
    entry.setSize(size);
    entry.setCompressedSize(size);
    entry.setCrc(checksum.getValue());
    entry.setTime(0);
    zip.putNextEntry(entry);
  }

  /** A dictionary's source. */
  static String dictionary(Map<String, String> values) {
    StringBuilder source = new StringBuilder("{");
    values.forEach(
        (name, value) ->
            source
                .append(source.length() > 1 ? ", " : "")
                .append('"')
                .append(name.replaceAll("[^ -~]|[\"'\\\\]", "_"))
                .append("\": ")
                .append(value));
    return source.append('}').toString();
  }
}
