package io.prunegrid.runtime;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript module without state, made from its source: the way to operators that the Java
 * binding does not offer. Its functions may be called from any thread; they record no gradients.
 */
final class TorchScript implements AutoCloseable {
  // pickles of an object of class __torch__.Kernels without attributes, and of an empty tuple
  private static final String OBJECT = "\u0080\u0002c__torch__\nKernels\nq\0)\u0081}b.";
  private static final String EMPTY = "\u0080\u0002).";

  private final PtSymbolBlock module;

  /**
   * Compiles a module.
   *
   * @param methods definitions of methods, indented by two spaces, as TorchScript serializes them
   */
  TorchScript(PtNDManager manager, String methods) {
    String source = "class Kernels(Module):\n  __parameters__ = []\n  __buffers__ = []\n" + methods;
    try {
      this.module =
          JniUtils.loadModule(manager, new ByteArrayInputStream(archive(source)), false, false);
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory does not fail", e);
    }
  }

  private static byte[] archive(String source) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      put(zip, "kernels/data.pkl", OBJECT.getBytes(StandardCharsets.ISO_8859_1));
      put(zip, "kernels/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
      put(zip, "kernels/constants.pkl", EMPTY.getBytes(StandardCharsets.ISO_8859_1));
      put(zip, "kernels/version", "3\n".getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setSize(content.length);
    entry.setCompressedSize(content.length);
    entry.setCrc(checksum.getValue());
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  /**
   * Calls a method that returns one array.
   *
   * @param manager owner of the result
   * @param arguments stay the caller's
   */
  PtNDArray call(PtNDManager manager, String method, IValue... arguments) {
    try (IValue result = IValueUtils.runMethod(module, method, arguments)) {
      return result.toTensor(manager);
    }
  }

  @Override
  public void close() {
    module.close();
  }
}
