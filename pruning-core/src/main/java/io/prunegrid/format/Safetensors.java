package io.prunegrid.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Tensor;
import io.prunegrid.graph.Weights;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * The safetensors format: a JSON header with every tensor's type, shape and place, then the
 * elements. What is written is a function of the weights alone: tensors in the order of their
 * names, float32, the header padded with spaces to a multiple of eight bytes.
 */
public final class Safetensors {
  private static final int ALIGNMENT = 8;
  private static final int CHUNK = 1 << 14;
  private static final Map<String, String> PLAIN = Map.of("format", "pt");

  private Safetensors() {}

  /**
   * Every tensor of a file by name, in file order, as float32.
   *
   * @throws BadInput when the file is missing, truncated, damaged or of another format
   */
  public static Map<String, Tensor> read(Path file) {
    try (FileBytes bytes = FileBytes.open(file)) {
      return SafetensorsReader.read(bytes, new TensorDecoder(bytes.length()));
    } catch (IOException e) {
      throw Malformed.report(file, e);
    }
  }

  /**
   * Writes a file whole or not at all, replacing one that exists.
   *
   * @throws BadInput when the file cannot be written
   */
  public static void write(Path file, Weights weights) {
    WholeFiles.write(file, out -> write(out, weights));
  }

  /**
   * Writes a file that says something of itself.
   *
   * @param metadata written in the order of its keys
   * @throws BadInput when the file cannot be written
   */
  public static void write(Path file, Weights weights, Map<String, String> metadata) {
    WholeFiles.write(file, out -> write(out, weights, metadata));
  }

  /** The bytes that the file of these weights has. */
  public static byte[] encode(Weights weights) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.toIntExact(size(weights)));
    try {
      write(bytes, weights);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /**
   * What a file holds.
   *
   * @param metadata what the file says of itself, in file order
   * @param tensors by name, in file order, as float32
   */
  public record Contents(Map<String, String> metadata, Map<String, Tensor> tensors) {}

  /**
   * Everything in the bytes of a file.
   *
   * @param source what to call the bytes in a message
   * @throws BadInput when they are truncated, damaged or of another format
   */
  public static Contents contents(byte[] bytes, String source) {
    Bytes memory = new MemoryBytes(bytes);
    try {
      return SafetensorsReader.contents(memory, new TensorDecoder(memory.length()));
    } catch (IOException e) {
      throw new BadInput(source + ": " + e.getMessage(), e);
    }
  }

  /**
   * The tensors in the bytes of a file.
   *
   * @param source what to call the bytes in a message
   * @throws BadInput when they are truncated, damaged or of another format
   */
  public static Map<String, Tensor> decode(byte[] bytes, String source) {
    return contents(bytes, source).tensors();
  }

  /** How many bytes the file of these weights has. */
  public static long size(Weights weights) {
    long elements = weights.asMap().values().stream().mapToLong(Tensor::size).sum();
    return Long.BYTES + header(weights, PLAIN).length + Float.BYTES * elements;
  }

  static void write(OutputStream out, Weights weights) throws IOException {
    write(out, weights, PLAIN);
  }

  private static void write(OutputStream out, Weights weights, Map<String, String> metadata)
      throws IOException {
    byte[] header = header(weights, metadata);
    byte[] length = new byte[Long.BYTES];
    little(length).putLong(header.length);
    out.write(length);
    out.write(header);
    byte[] chunk = new byte[CHUNK * Float.BYTES];
    FloatBuffer floats = little(chunk).asFloatBuffer();
    for (Tensor tensor : new TreeMap<>(weights.asMap()).values()) {
      for (int done = 0; done < tensor.size(); ) {
        int count = Math.min(CHUNK, tensor.size() - done);
        floats.clear().put(tensor.asBuffer().slice(done, count));
        out.write(chunk, 0, count * Float.BYTES);
        done += count;
      }
    }
  }

  private static byte[] header(Weights weights, Map<String, String> metadata) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      json.writeObjectFieldStart("__metadata__");
      for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
      long begin = 0;
      for (Map.Entry<String, Tensor> entry : new TreeMap<>(weights.asMap()).entrySet()) {
        long end = begin + (long) Float.BYTES * entry.getValue().size();
        json.writeObjectFieldStart(entry.getKey());
        json.writeStringField("dtype", "F32");
        long[] shape = entry.getValue().shape().toLongs();
        json.writeFieldName("shape");
        json.writeArray(shape, 0, shape.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {begin, end}, 0, 2);
        json.writeEndObject();
        begin = end;
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    int length = bytes.size();
    byte[] padded =
        Arrays.copyOf(bytes.toByteArray(), (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    Arrays.fill(padded, length, padded.length, (byte) ' ');
    return padded;
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
