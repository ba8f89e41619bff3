package io.prunegrid.format;

import io.prunegrid.graph.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One array in numpy's {@code .npy} format, versions 1 to 3, in C or Fortran order. */
final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int LONGEST_HEADER = 1 << 16;

  private static final Map<String, ElementType> TYPES =
      Map.of(
          "<f8", ElementType.FLOAT64,
          "<f4", ElementType.FLOAT32,
          "<f2", ElementType.FLOAT16,
          "<i8", ElementType.INT64,
          "<i4", ElementType.INT32,
          "<i2", ElementType.INT16,
          "|i1", ElementType.INT8,
          "|u1", ElementType.UINT8,
          "|b1", ElementType.BOOL);

  private static final Pattern DESCRIPTION = Pattern.compile("'descr': ?'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order': ?(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape': ?\\(([0-9, ]*)\\)");

  private Npy() {}

  static Tensor read(String name, Bytes file, TensorDecoder decoder) throws IOException {
    String header;
    long start;
    try (InputStream in = file.open(0)) {
      byte[] head = in.readNBytes(MAGIC.length + 2);
      if (head.length < MAGIC.length + 2
          || !Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
        throw new Malformed(Malformed.quote(name) + " is no npy array");
      }
      int version = head[MAGIC.length];
      if (version < 1 || version > 3) {
        throw new Malformed(
            Malformed.quote(name) + " has npy version " + version + "; known are 1 to 3");
      }
      int width = version == 1 ? Short.BYTES : Integer.BYTES;
      byte[] prefix = Arrays.copyOf(in.readNBytes(width), Integer.BYTES);
      long length = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getInt() & 0xffffffffL;
      if (length > LONGEST_HEADER) {
        throw new Malformed(
            Malformed.quote(name) + " has a header of " + length + " bytes, which no array needs");
      }
      header = new String(in.readNBytes((int) length), StandardCharsets.UTF_8);
      start = head.length + width + length;
    }
    if (start > file.length()) {
      throw new Malformed(Malformed.quote(name) + " ends in its header");
    }
    ElementType type = type(name, header);
    List<Long> shape = shape(name, header);
    long bytes = bytes(type, shape);
    if (bytes != file.length() - start) {
      throw new Malformed(
          Malformed.quote(name)
              + " has "
              + (file.length() - start)
              + " bytes of elements, which is not "
              + type
              + " of shape "
              + shape);
    }
    Bytes elements = file.slice(start, bytes, Malformed.quote(name));
    boolean fortran = find(ORDER, name, header, "fortran_order").equals("True");
    return fortran
        ? decoder.strided(name, elements, type, 0, shape, columnMajor(shape))
        : decoder.contiguous(name, elements, type, shape);
  }

  private static ElementType type(String name, String header) throws IOException {
    String found = find(DESCRIPTION, name, header, "plain element type");
    ElementType type = TYPES.get(found);
    if (type == null) {
      throw new Malformed(
          Malformed.quote(name)
              + " holds elements of type "
              + Malformed.quote(found)
              + "; known are "
              + String.join(", ", TYPES.keySet().stream().sorted().toList()));
    }
    return type;
  }

  private static List<Long> shape(String name, String header) throws IOException {
    List<Long> shape = new ArrayList<>();
    for (String dim : find(SHAPE, name, header, "shape").split(",", -1)) {
      if (!dim.isBlank()) {
        try {
          shape.add(Long.parseLong(dim.strip()));
        } catch (NumberFormatException e) {
          throw new Malformed(Malformed.quote(name) + " has an impossible shape");
        }
      }
    }
    return shape;
  }

  private static String find(Pattern pattern, String name, String header, String what)
      throws IOException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new Malformed(Malformed.quote(name) + " has no " + what + " in its header");
    }
    return matcher.group(1);
  }

  private static long bytes(ElementType type, List<Long> shape) {
    try {
      long bytes = type.bytes();
      for (long dim : shape) {
        bytes = Math.multiplyExact(bytes, dim);
      }
      return bytes;
    } catch (ArithmeticException e) {
      return -1;
    }
  }

  private static List<Long> columnMajor(List<Long> shape) {
    List<Long> stride = new ArrayList<>();
    long step = 1;
    for (long dim : shape) {
      stride.add(step);
      step *= Math.max(1, dim);
    }
    return stride;
  }
}
