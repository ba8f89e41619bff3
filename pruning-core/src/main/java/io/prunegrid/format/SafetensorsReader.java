package io.prunegrid.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.prunegrid.graph.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads safetensors: eight bytes with the header's length, the header in JSON, then the elements of
 * all tensors, which must lie side by side without holes or overlaps.
 */
final class SafetensorsReader {
  private static final long LONGEST_HEADER = 1 << 24;
  private static final int MAX_RANK = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private record Entry(String name, String type, List<Long> shape, long begin, long end) {}

  private SafetensorsReader() {}

  static Map<String, Tensor> read(Bytes file, TensorDecoder decoder) throws IOException {
    return contents(file, decoder).tensors();
  }

  static Safetensors.Contents contents(Bytes file, TensorDecoder decoder) throws IOException {
    byte[] header = header(file);
    long start = Long.BYTES + (long) header.length;
    Bytes data = file.slice(start, file.length() - start, "the tensors' part");
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Entry> entries = entries(header, metadata);
    expectSideBySide(entries, data.length());
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Entry entry : entries) {
      ElementType type = type(entry);
      TorchFile.expectWeights(entry.name, type.toString(), type.isFloating());
      tensors.put(entry.name, decode(entry, type, data, decoder));
    }
    return new Safetensors.Contents(metadata, tensors);
  }

  private static byte[] header(Bytes file) throws IOException {
    try (InputStream in = file.open(0)) {
      byte[] prefix = in.readNBytes(Long.BYTES);
      if (prefix.length < Long.BYTES) {
        throw new Malformed("ends at byte " + prefix.length + ", before its header");
      }
      long length = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (length < 0 || length > file.length() - Long.BYTES) {
        throw new Malformed(
            "announces a safetensors header of "
                + Long.toUnsignedString(length)
                + " bytes, but only "
                + (file.length() - Long.BYTES)
                + " follow");
      }
      if (length > LONGEST_HEADER) {
        throw new Malformed(
            "has a safetensors header of "
                + length
                + " bytes, at most "
                + LONGEST_HEADER
                + " are read");
      }
      byte[] header = in.readNBytes((int) length);
      if (header.length < length) {
        throw new Malformed("ends in its header");
      }
      return header;
    }
  }

  private static List<Entry> entries(byte[] header, Map<String, String> metadata)
      throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (JsonParser json = JSON.createParser(header)) {
      expect(json, json.nextToken(), JsonToken.START_OBJECT, "an object");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        expect(json, json.nextToken(), JsonToken.START_OBJECT, "an object");
        if (name.equals("__metadata__")) {
          readMetadata(json, metadata);
        } else {
          entries.add(entry(name, json));
        }
      }
      if (json.nextToken() != null) {
        throw new Malformed("has a safetensors header that goes on after its end");
      }
    } catch (JsonProcessingException e) {
      throw new Malformed("has a safetensors header that is no JSON: " + JsonFiles.reason(e));
    }
    return entries;
  }

  private static void readMetadata(JsonParser json, Map<String, String> metadata)
      throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      expect(json, json.nextToken(), JsonToken.VALUE_STRING, "a string");
      metadata.put(key, json.getText());
    }
  }

  private static Entry entry(String name, JsonParser json) throws IOException {
    String type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      JsonToken value = json.nextToken();
      switch (key) {
        case "dtype" -> {
          expect(json, value, JsonToken.VALUE_STRING, "a string");
          type = json.getText();
        }
        case "shape" -> shape = longs(name, json);
        case "data_offsets" -> offsets = longs(name, json);
        default ->
            throw new Malformed(
                Malformed.quote(name) + " has the unknown key " + Malformed.quote(key));
      }
    }
    if (type == null || shape == null || offsets == null || offsets.size() != 2) {
      throw new Malformed(Malformed.quote(name) + " needs dtype, shape and two data_offsets");
    }
    return new Entry(name, type, shape, offsets.get(0), offsets.get(1));
  }

  private static List<Long> longs(String name, JsonParser json) throws IOException {
    expect(json, json.currentToken(), JsonToken.START_ARRAY, "a list");
    List<Long> longs = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(json, json.currentToken(), JsonToken.VALUE_NUMBER_INT, "a whole number");
      if (longs.size() == MAX_RANK) {
        throw new Malformed(Malformed.quote(name) + " has more than " + MAX_RANK + " dimensions");
      }
      longs.add(json.getLongValue());
    }
    return longs;
  }

  private static void expect(JsonParser json, JsonToken found, JsonToken wanted, String what)
      throws IOException {
    if (found != wanted) {
      throw new Malformed(
          "has a safetensors header with something else than "
              + what
              + " at its byte "
              + json.currentTokenLocation().getByteOffset());
    }
  }

  private static void expectSideBySide(List<Entry> entries, long length) throws IOException {
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long position = 0;
    for (Entry entry : sorted) {
      if (entry.begin != position || entry.end < entry.begin) {
        throw new Malformed(
            Malformed.quote(entry.name)
                + " lies at bytes "
                + entry.begin
                + " to "
                + entry.end
                + ", expected to begin at "
                + position);
      }
      position = entry.end;
    }
    if (position != length) {
      throw new Malformed(
          "has " + length + " bytes of tensors, but its header describes " + position);
    }
  }

  private static ElementType type(Entry entry) throws IOException {
    return switch (entry.type) {
      case "F64" -> ElementType.FLOAT64;
      case "F32" -> ElementType.FLOAT32;
      case "F16" -> ElementType.FLOAT16;
      case "BF16" -> ElementType.BFLOAT16;
      case "I64" -> ElementType.INT64;
      default ->
          throw new Malformed(
              Malformed.quote(entry.name)
                  + " holds "
                  + Malformed.quote(entry.type)
                  + "; known are F64, F32, F16, BF16 and I64");
    };
  }

  private static Tensor decode(Entry entry, ElementType type, Bytes data, TensorDecoder decoder)
      throws IOException {
    long bytes = type.bytes();
    try {
      for (long dim : entry.shape) {
        bytes = Math.multiplyExact(bytes, dim);
      }
    } catch (ArithmeticException e) {
      bytes = -1;
    }
    if (bytes != entry.end - entry.begin) {
      throw new Malformed(
          Malformed.quote(entry.name)
              + " has "
              + (entry.end - entry.begin)
              + " bytes, which is not "
              + entry.type
              + " of shape "
              + entry.shape);
    }
    Bytes own = data.slice(entry.begin, bytes, Malformed.quote(entry.name));
    return decoder.contiguous(entry.name, own, type, entry.shape);
  }
}
