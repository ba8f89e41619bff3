package io.prunegrid.criterion;

import io.prunegrid.channel.Block;
import io.prunegrid.criterion.Parameter.Choice;
import io.prunegrid.criterion.Parameter.Decimal;
import io.prunegrid.criterion.Parameter.Numbers;
import io.prunegrid.graph.Convolution;
import io.prunegrid.graph.ModelGraph;
import io.prunegrid.graph.Op;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Norms of groups of weights that are masked together: whole kernels {@code W[o, i, :, :]} of
 * convolutions, one of its size for all sizes of kernels, or blocks of a layer's weights seen as a
 * matrix of one row for each output (Joseph et al. 2020, A Programmable Approach to Neural Network
 * Compression).
 */
final class BlockNorms extends WeightCriterion {
  private static final String ROWS = "rows";
  private static final String COLUMNS = "columns";

  private final boolean kernels;

  private BlockNorms(String name, String summary, String power) {
    super(name, 1, summary);
    this.kernels = name.equals("kernel");
    takes(
        new Choice(
            "p",
            power,
            List.of("1", "2"),
            "which norm: sum of sizes, or root of the sum of squares"));
    if (!kernels) {
      takes(side(ROWS, "rows"), side(COLUMNS, "columns"));
    }
    takesRanking();
    takes(Magnitude.alignment());
  }

  static BlockNorms kernel() {
    return new BlockNorms(
        "kernel", "norm of each kernel of convolutions; masks kernels; needs no data", "1");
  }

  static BlockNorms block() {
    return new BlockNorms(
        "block", "norm of each block of a layer's weights; masks blocks; needs no data", "2");
  }

  private static Parameter side(String name, String what) {
    return new Decimal(name, "4", 1, 1 << 20, Numbers.WHOLE, what + " of a block");
  }

  @Override
  List<Place> places(ModelGraph graph, Map<String, String> parameters) {
    return super.places(graph, parameters).stream()
        .filter(
            place ->
                place.layer().op() instanceof Convolution
                    || (!kernels && place.layer().op() instanceof Op.Linear))
        .toList();
  }

  @Override
  Block block(Shape shape, Map<String, String> parameters) {
    return kernels
        ? new Block(shape, 1, shape.dim(2) * shape.dim(3))
        : new Block(
            shape,
            Integer.parseInt(parameters.get(ROWS)),
            Integer.parseInt(parameters.get(COLUMNS)));
  }

  @Override
  public int alignment(Map<String, String> parameters) {
    return Integer.parseInt(parameters.get(Magnitude.ALIGN));
  }

  @Override
  public Scores score(ScoringInput input) {
    Power power = Power.of(input.parameter("p"));
    return ranked(
        input,
        (place, block) -> {
          Tensor weights = input.model().weights().get(place.name());
          return Arrays.stream(sums(weights, block, power)).map(power::norm).toArray();
        });
  }
}
