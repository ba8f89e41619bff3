package io.prunegrid.format.onnx;

import io.prunegrid.format.onnx.Value.Activation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Every operator that is read, by name. */
final class Operators {
  private static final Map<String, Handler> HANDLERS = new HashMap<>();

  static {
    LayerOperators.register(HANDLERS);
    NormOperators.register(HANDLERS);
    ElementOperators.register(HANDLERS);
    SpatialOperators.register(HANDLERS);
    ShapeOperators.register(HANDLERS);
    SliceOperators.register(HANDLERS);
  }

  private Operators() {}

  /** Gives the results of one node. */
  interface Handler {
    void translate(Step step) throws IOException;
  }

  static void translate(Step step, Folding folding) throws IOException {
    OnnxNode node = step.node();
    if (node.attributes().values().stream().anyMatch(OnnxAttribute::hasGraph)) {
      throw new Unsupported("graphs inside of nodes are not supported");
    }
    boolean known = true;
    List<Constant> constants = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      Value value = step.has(i) ? step.in(i) : null;
      known &= !(value instanceof Activation);
      constants.add(value instanceof Constant constant ? constant : null);
    }
    if (known && (!constants.isEmpty() || node.operator().equals("Constant"))) {
      fold(step, folding, constants);
      return;
    }
    Handler handler = HANDLERS.get(node.operator());
    if (handler == null) {
      throw new Unsupported("the operator is not supported");
    }
    handler.translate(step);
  }

  private static void fold(Step step, Folding folding, List<Constant> constants)
      throws IOException {
    if (step.node().operator().equals("Expand") && !constants.get(1).isPlain()) {
      ShapeOperators.expandConstant(step);
      return;
    }
    try {
      folding.fold(step.node(), constants).forEach(step::give);
    } catch (IndexOutOfBoundsException | NullPointerException e) {
      throw new Unsupported("it has too few inputs or empty ones");
    }
  }
}
