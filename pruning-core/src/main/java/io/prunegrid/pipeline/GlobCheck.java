package io.prunegrid.pipeline;

import io.prunegrid.channel.CoupledChannels;
import io.prunegrid.channel.SelectionConfig;
import io.prunegrid.common.BadInput;
import io.prunegrid.common.Names;
import io.prunegrid.graph.Node;
import java.util.List;

/** Finds slips in globs over layer names. */
public final class GlobCheck {
  private GlobCheck() {}

  /**
   * Refuses globs that match no layer: they would protect nothing, silently. Refuses networks that
   * have none at all.
   *
   * @throws BadInput one problem a glob, with the nearest layer
   */
  public static void refuseUnmatched(CoupledChannels channels, SelectionConfig config) {
    List<String> layers = channels.graph().layers().stream().map(Node::module).distinct().toList();
    if (layers.isEmpty()) {
      throw new BadInput("the network has no layer with weights");
    }
    List<String> problems =
        channels.unmatched(config).stream()
            .map(
                glob ->
                    "'"
                        + glob
                        + "' matches no layer of the network"
                        + Names.nearest(glob, layers)
                            .map(name -> "; did you mean '" + name + "'?")
                            .orElse(""))
            .toList();
    if (!problems.isEmpty()) {
      throw new BadInput(problems);
    }
  }
}
