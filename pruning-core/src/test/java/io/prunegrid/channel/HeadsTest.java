package io.prunegrid.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prunegrid.common.BadInput;
import io.prunegrid.graph.GraphBuilder;
import io.prunegrid.graph.GraphBuilder.Bias;
import io.prunegrid.graph.Model;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.testing.RandomNetworks;
import io.prunegrid.testing.ReferenceInterpreter;
import io.prunegrid.zoo.NetworkSize;
import io.prunegrid.zoo.Zoo;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HeadsTest {
  static List<ModelGraph> networks() {
    return List.of(
        Zoo.build("resnet20", new NetworkSize(10, 3, 8, 8)),
        Zoo.build("small-cnn", new NetworkSize(10, 1, 14, 14)),
        convolutionalHead());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void reducedHeadsGiveTheSameLogitsInTheOrderAsked(ModelGraph graph) {
    Model model = RandomNetworks.model(graph, 1);
    List<Integer> rows = List.of(8, 1, 0, 9);
    double[] image = RandomNetworks.image(graph, 2);
    double[] whole = new ReferenceInterpreter(model).output(image);
    double[] reduced = new ReferenceInterpreter(Heads.keepRows(model, rows)).output(image);
    assertThat(reduced).containsExactly(rows.stream().mapToDouble(row -> whole[row]).toArray());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void freshHeadsReplaceTheClassifierAlone(ModelGraph graph) {
    Model model = RandomNetworks.model(graph, 1);
    Model fresh = Heads.fresh(model, 4, changed -> RandomNetworks.weights(changed, 2));
    assertThat(Heads.outputs(fresh.graph())).isEqualTo(4);
    List<String> head = Heads.parameters(graph);
    assertThat(head).isNotEmpty();
    for (String name : model.weights().names()) {
      if (head.contains(name)) {
        assertThat(fresh.weights().get(name).shape().dim(0)).isEqualTo(4);
      } else {
        assertThat(fresh.weights().get(name)).isSameAs(model.weights().get(name));
      }
    }
  }

  @Test
  void headsThatAreNoClassifierAreRefusedByName() {
    GraphBuilder builder = new GraphBuilder(Shape.of(1, 4, 4));
    String x = builder.conv("a", builder.input(), 4, 3, 1, 1, Bias.NO);
    String y = builder.conv("b", builder.input(), 4, 3, 1, 1, Bias.NO);
    x = builder.add("sum", new Op.Add(), x, y);
    ModelGraph graph = builder.build(x);
    assertThatThrownBy(() -> Heads.layer(graph))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("'sum'");
    assertThatThrownBy(
            () -> Heads.keepRows(RandomNetworks.model(networks().get(0), 1), List.of(1, 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static ModelGraph convolutionalHead() {
    GraphBuilder graph = new GraphBuilder(Shape.of(3, 6, 6));
    String x = graph.relu("relu", graph.conv("a", graph.input(), 8, 3, 1, 1, Bias.YES));
    x = graph.batchNorm("norm", graph.conv("classifier", x, 10, 1, 1, 0, Bias.YES));
    return graph.build(
        graph.flatten("flatten", graph.adaptiveAvgPool("mean", graph.relu("relu2", x), 1)));
  }
}
