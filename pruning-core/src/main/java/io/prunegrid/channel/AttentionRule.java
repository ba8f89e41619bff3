package io.prunegrid.channel;

import static io.prunegrid.channel.Bindings.lost;

import io.prunegrid.graph.Node;
import io.prunegrid.graph.TokenOp;
import java.util.Arrays;
import java.util.stream.IntStream;

/** What attention does to channels, as one operator or written out as products of activations. */
final class AttentionRule {
  private final Bindings bindings;
  private final AttentionUnit unit;

  AttentionRule(Bindings bindings, AttentionUnit unit) {
    this.bindings = bindings;
    this.unit = unit;
  }

  /** Inputs, queries, keys, values and outputs are of one width, and so are all heads. */
  Layout attended(Node node, TokenOp.MultiHeadAttention attention) {
    int[] united =
        bindings.writes().getOrDefault(node.module(), bindings.operandAtoms(node, 0, 1)).clone();
    for (int i = 0; i < node.inputs().size(); i++) {
      bindings.unite(united, bindings.operandAtoms(node, i, 1));
    }
    for (int i = 0; i < united.length; i++) {
      united[i] = united[i] == Atoms.ZERO ? bindings.atoms().fresh() : united[i];
    }
    switch (unit) {
      case POSITIONS -> bindings.tieGroups(united, attention.heads());
      case HEADS -> bindings.tieWithinGroups(united, attention.heads());
    }
    bindings.writes().put(node.module(), united);
    return new Layout(1, united);
  }

  /** The sum runs over one axis of both operands, whose channels go together. */
  Layout multiplied(Node node) {
    Layout a = bindings.input(node, 0);
    Layout b = bindings.input(node, 1);
    int last = bindings.graph().shape(node.name()).rank() - 1;
    for (int atom :
        IntStream.concat(Arrays.stream(a.atoms()), Arrays.stream(b.atoms())).toArray()) {
      if (atom == Atoms.ZERO) {
        throw lost(node, "it multiplies channels that are always zero");
      }
    }
    pinAlone(node, a, b);
    pinAlone(node, b, a);
    if (a.axis() == last && b.axis() == last - 1) {
      bindings.unite(a.atoms().clone(), b.atoms());
      return Layout.MIXED;
    }
    if (a.axis() == last || b.axis() == last - 1) {
      bindings.pin(
          a.axis() == last ? a.atoms() : b.atoms(), "is summed over by '" + node.name() + "'");
      return a.axis() == last ? b : a;
    }
    if (a.isMixed() || b.isMixed()) {
      return a.isMixed() ? b : a;
    }
    if (a.axis() != b.axis()) {
      throw lost(node, bindings.placement().apart(node));
    }
    int[] out = a.atoms().clone();
    bindings.unite(out, b.atoms());
    return a.with(out);
  }

  /** Products run side by side along their leading axes, of which both operands lose the same. */
  private void pinAlone(Node node, Layout x, Layout other) {
    int rank = bindings.graph().shape(node.name()).rank();
    if (!x.isMixed() && x.axis() < rank - 2 && x.axis() != other.axis()) {
      bindings.pin(x.atoms(), "runs beside others in '" + node.name() + "'");
    }
  }
}
