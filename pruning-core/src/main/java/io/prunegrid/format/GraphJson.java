package io.prunegrid.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.prunegrid.common.BadInput;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.Op;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A network's structure as JSON: {@code {"version": 1, "nodes": [{"name", "op", ..., "inputs"},
 * ...], "outputs": [...]}}, nodes in topological order, every attribute written out.
 */
public final class GraphJson {
  /** The newest version of the format. */
  public static final int VERSION = 1;

  private static final int MOST_NODES = 20_000;

  private GraphJson() {}

  /**
   * Reads a structure and checks it as the graph itself does.
   *
   * @throws BadInput when the file is missing, damaged, newer than this program or describes no
   *     consistent network
   */
  public static ModelGraph read(Path file) {
    try (FileBytes bytes = FileBytes.open(file)) {
      return graph(JsonFiles.read(bytes));
    } catch (IOException e) {
      throw Malformed.report(file, e);
    }
  }

  /**
   * Writes a file whole or not at all, replacing one that exists.
   *
   * @throws BadInput when the file cannot be written
   */
  public static void write(Path file, ModelGraph graph) {
    WholeFiles.write(file, out -> out.write(bytes(graph)));
  }

  /** The bytes that the file of this structure has: equal for equal structures. */
  public static byte[] encode(ModelGraph graph) {
    try {
      return bytes(graph);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
  }

  static byte[] bytes(ModelGraph graph) throws IOException {
    ObjectNode document = JsonFiles.mapper().createObjectNode().put("version", VERSION);
    ArrayNode nodes = document.putArray("nodes");
    for (Node node : graph.nodes()) {
      ObjectNode object = nodes.addObject().put("name", node.name());
      OpJson.write(node.op(), object);
      ArrayNode inputs = object.putArray("inputs");
      node.inputs().forEach(inputs::add);
      if (!node.module().equals(node.name())) {
        object.put("module", node.module());
      }
    }
    ArrayNode outputs = document.putArray("outputs");
    graph.outputs().forEach(outputs::add);
    return JsonFiles.bytes(document);
  }

  private static ModelGraph graph(JsonNode document) throws Malformed {
    JsonFields fields = new JsonFields("the network", document);
    expectVersion(fields, VERSION);
    List<Node> nodes = new ArrayList<>();
    List<JsonNode> objects = fields.list("nodes");
    if (objects.size() > MOST_NODES) {
      throw new Malformed("has " + objects.size() + " nodes; at most " + MOST_NODES + " are read");
    }
    for (JsonNode object : objects) {
      nodes.add(node(nodes.size(), object));
    }
    List<String> outputs = fields.texts("outputs");
    fields.expectNoMore();
    try {
      return new ModelGraph(nodes, outputs);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new Malformed("describes no consistent network: " + e.getMessage());
    }
  }

  private static Node node(int number, JsonNode object) throws Malformed {
    String name = new JsonFields("node number " + number, object).text("name");
    String where = "node " + Malformed.quote(name);
    JsonFields fields = new JsonFields(where, object);
    fields.text("name");
    Op op;
    try {
      op = OpJson.read(fields.text("op"), fields);
    } catch (IllegalArgumentException e) {
      throw new Malformed(where + ": " + e.getMessage());
    }
    List<String> inputs = fields.texts("inputs");
    String module = fields.has("module") ? fields.text("module") : name;
    fields.expectNoMore();
    return new Node(name, op, inputs, module);
  }

  /** Newer versions are refused by number, before anything else in them can confuse. */
  static void expectVersion(JsonFields fields, int newest) throws Malformed {
    int version = fields.integer("version", 1, Integer.MAX_VALUE);
    if (version > newest) {
      throw new Malformed(
          "is of version "
              + version
              + ", written by a newer release; this one reads up to version "
              + newest);
    }
  }
}
