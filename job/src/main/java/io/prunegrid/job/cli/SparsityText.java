package io.prunegrid.job.cli;

import io.prunegrid.channel.Sparsity;
import io.prunegrid.channel.Sparsity.Zeros;
import io.prunegrid.common.Names;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** Zeros of a network's parameters, for people and as JSON. */
final class SparsityText {
  private SparsityText() {}

  static void print(PrintWriter out, Sparsity sparsity) {
    out.printf("%-40s %14s %14s %9s%n", "parameter", "zeros", "of", "share");
    sparsity.parameters().forEach((name, zeros) -> row(out, name, zeros));
    row(out, "all parameters", sparsity.total());
  }

  private static void row(PrintWriter out, String name, Zeros zeros) {
    out.printf(
        "%-40s %,14d %,14d %7.2f %%%n",
        Names.printable(name), zeros.zeros(), zeros.of(), 100 * zeros.share());
  }

  static Map<String, Object> json(Sparsity sparsity) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    sparsity.parameters().forEach((name, zeros) -> parameters.put(name, entry(zeros)));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("parameters", parameters);
    json.put("total", entry(sparsity.total()));
    return json;
  }

  private static Map<String, Object> entry(Zeros zeros) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("zeros", zeros.zeros());
    entry.put("of", zeros.of());
    entry.put("share", zeros.share());
    return entry;
  }
}
