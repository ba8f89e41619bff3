package io.prunegrid.format;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads numpy's {@code .npz}: a zip file, compressed or not, with one {@code .npy} an array. */
public final class Npz {
  private static final String SUFFIX = ".npy";

  private Npz() {}

  /**
   * Every array of a file by name, in file order, as float32.
   *
   * @throws BadInput when the file is missing, truncated, damaged, or holds an array of no numbers
   */
  public static Map<String, Tensor> read(Path file) {
    try (FileBytes bytes = FileBytes.open(file);
        ZipMembers members = ZipMembers.open(file, bytes.length())) {
      Map<String, Tensor> arrays = new LinkedHashMap<>();
      long unpacked = 0;
      for (String member : members.names()) {
        unpacked += members.stream(member).length();
      }
      TensorDecoder decoder = new TensorDecoder(unpacked);
      for (String member : members.names()) {
        if (member.endsWith(SUFFIX)) {
          String name = member.substring(0, member.length() - SUFFIX.length());
          arrays.put(name, Npy.read(name, members.stream(member), decoder));
        }
      }
      return arrays;
    } catch (IOException e) {
      throw Malformed.report(file, e);
    }
  }
}
