package io.prunegrid.format.onnx;

import io.prunegrid.format.WholeFiles;
import io.prunegrid.graph.ElementOp;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Node;
import io.prunegrid.graph.NormOp;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.ShapeOp;
import io.prunegrid.graph.SpatialOp;
import io.prunegrid.graph.TokenOp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Networks as ONNX files, in evaluation mode, with a batch of any size. Initializers are named as
 * the parameters, outputs as the nodes that compute them. Opset 17, the oldest that has layer
 * normalization as one operator; programs that run ONNX have had it since 2022.
 */
public final class OnnxExport {
  /** The opset of what is written. */
  public static final int OPSET = 17;

  private final Model model;
  private final OnnxWriter writer = new OnnxWriter();
  private final Map<String, String> values = new HashMap<>();
  private final Set<String> single = new HashSet<>();

  private OnnxExport(Model model) {
    this.model = model;
  }

  /**
   * Writes a file whole or not at all.
   *
   * @param check looks at the file before it gets its name
   * @throws io.prunegrid.common.BadInput when the file cannot be written, or the network has more
   *     weights than one ONNX file holds
   */
  public static void write(Path file, Model model, WholeFiles.Check check) {
    OnnxWriter written = new OnnxExport(model).translate();
    WholeFiles.write(file, out -> written.write(out, OPSET), check);
  }

  /** The bytes that the file of a small network has. */
  public static byte[] encode(Model model) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      write(bytes, model);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static void write(OutputStream out, Model model) throws IOException {
    new OnnxExport(model).translate().write(out, OPSET);
  }

  private OnnxWriter translate() {
    ModelGraph graph = model.graph();
    Set<String> needed = new HashSet<>(graph.outputs());
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      Node node = graph.nodes().get(i);
      if (needed.contains(node.name())) {
        needed.addAll(node.inputs());
        // Names of nodes are kept for their values; what stands between gets others.
        node.op()
            .parameters()
            .forEach(
                spec -> {
                  String name = node.parameterName(spec);
                  writer.weight(name, model.weights().get(name));
                });
      }
    }
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Op.Input input) {
        writer.input(node.name(), input.shape());
        values.put(node.name(), node.name());
      } else if (needed.contains(node.name())) {
        boolean constant =
            node.inputs().isEmpty() || node.inputs().stream().allMatch(single::contains);
        if (constant) {
          single.add(node.name());
        }
        values.put(node.name(), translate(new Exported(graph, node, writer, values, single)));
      }
    }
    for (String output : graph.outputs()) {
      String value = values.get(output);
      if (single.contains(output)) {
        throw new IllegalArgumentException("output '" + output + "' does not depend on the input");
      }
      if (!value.equals(output)) {
        value = writer.node("Identity", output, value);
      }
      writer.output(value, graph.shape(output));
    }
    return writer;
  }

  private static String translate(Exported step) {
    Op op = step.node().op();
    if (op instanceof ElementOp element) {
      return ElementExport.translate(step, element);
    } else if (op instanceof NormOp norm) {
      return LayerExport.translate(step, norm);
    } else if (op instanceof SpatialOp spatial) {
      return SpatialExport.translate(step, spatial);
    } else if (op instanceof ShapeOp shape) {
      return ShapeExport.translate(step, shape);
    } else if (op instanceof TokenOp token) {
      return LayerExport.translate(step, token);
    } else if (op instanceof Op.Conv2d conv) {
      return LayerExport.convolution(step, conv);
    } else if (op instanceof Op.Linear linear) {
      return LayerExport.linear(step, linear);
    } else if (op instanceof Op.BatchNorm2d norm) {
      return LayerExport.batchNorm(step, norm);
    } else if (op instanceof Op.Relu) {
      return step.last("Relu", step.in(0));
    } else if (op instanceof Op.Dropout dropout) {
      return step.last("Dropout", step.in(0), step.number("ratio", dropout.p()));
    } else if (op instanceof Op.MaxPool2d pool) {
      return SpatialExport.maxPool(step, pool);
    } else if (op instanceof Op.AdaptiveAvgPool2d pool) {
      return SpatialExport.adaptive(step, pool.output(), "AveragePool");
    } else if (op instanceof Op.Add) {
      return ElementExport.sum(step);
    } else {
      return ShapeExport.translate(step, op);
    }
  }
}
