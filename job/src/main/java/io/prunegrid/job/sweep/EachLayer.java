package io.prunegrid.job.sweep;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValueFactory;
import io.prunegrid.channel.Limits;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.job.sweep.Block.Found;
import java.util.List;
import java.util.Optional;

/** The axis of layers: a grid's {@code layer} where it is a list, or says {@code each}. */
final class EachLayer {
  private static final String EACH = "each";

  private EachLayer() {}

  /** The layers of the grid, where they are listed. */
  static Optional<Found> listed(Block grid) {
    return grid.lookup(SweepKeys.LAYER.name()).filter(found -> found.value() instanceof ConfigList);
  }

  /** Where a grid asks for each of its layers. */
  static Optional<Found> asked(Block grid) {
    return grid.lookup(SweepKeys.LAYER.name())
        .filter(found -> Kind.text(found.value()).equals(Optional.of(EACH)));
  }

  /** The grid with a list of layers. */
  static Block with(Block grid, Found asked, List<String> layers) {
    var list =
        ConfigValueFactory.fromIterable(
            layers.stream()
                .map(name -> ConfigValueFactory.fromAnyRef(name).withOrigin(asked.origin()))
                .toList());
    return set(grid, list.withOrigin(asked.origin()));
  }

  /** The grid without an axis of layers. */
  static Block without(Block grid) {
    Optional<Found> axis = listed(grid).or(() -> asked(grid));
    return axis.isEmpty()
        ? grid
        : set(
            grid, ConfigValueFactory.fromAnyRef(Limits.ALL_LAYERS).withOrigin(axis.get().origin()));
  }

  private static Block set(Block grid, com.typesafe.config.ConfigValue value) {
    return new Block(
        grid.values().toConfig().withValue(SweepKeys.LAYER.name(), value).root(),
        grid.path(),
        grid.around(),
        grid.problems());
  }

  /** The layers that all methods can prune by themselves, in topological order. */
  static List<String> of(NetworkFacts network, List<GridMethod> methods) {
    return network.scoredLayers().stream()
        .filter(
            layer ->
                methods.stream()
                    .allMatch(
                        method ->
                            network
                                .unprunable(method.method(), only(method.selection(), layer))
                                .isEmpty()))
        .toList();
  }

  private static SelectionConfig only(SelectionConfig selection, String layer) {
    return selection.with(selection.limits().withLayer(layer));
  }
}
