package io.prunegrid.job.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options that say how scores become a selection. */
final class SelectionOptions {
  /** What lives and dies together depends on it, whoever selects. */
  static final String ATTENTION = "attention";

  static final String HEADING = "%nSelection, from scores to what goes (docs/concepts.md):%n";

  @Option(
      names = "--scope",
      paramLabel = "local|global|isomorphic",
      description =
          "The ratio holds for each bundle of coupled channels (default), for all together, or for"
              + " those that live in the same kinds of layers.")
  private String scope;

  @Option(
      names = "--rounding",
      paramLabel = "up|down|nearest",
      description =
          "How many of n a ratio removes, where n x ratio is no whole number; up by default.")
  private String rounding;

  @Option(
      names = "--on-empty",
      paramLabel = "keep-best|skip",
      description =
          "What happens where a layer would be left without channels: it keeps its best ones"
              + " (default), or nothing of it goes.")
  private String onEmpty;

  @Option(
      names = "--round-to",
      paramLabel = "N",
      description =
          "Remaining channels of a layer that loses any are a multiple of this; 1 by default.")
  private String roundTo;

  @Option(
      names = "--min-channels",
      paramLabel = "N",
      description = "Channels that keep-best leaves; 1 by default.")
  private String minChannels;

  @Option(
      names = "--ignore",
      paramLabel = "GLOBS",
      description =
          "Layers whose outputs are not pruned and in no count, for instance 'conv1,*.conv2'; * also"
              + " stands for dots.")
  private String ignore;

  @Option(
      names = "--attention",
      paramLabel = "positions|heads",
      description =
          "What goes of attention at once: the same positions of every head (default), or whole"
              + " heads.")
  private String attention;

  /** By name without dashes; null where not given. */
  Map<String, String> given() {
    Map<String, String> given = new LinkedHashMap<>();
    given.put("scope", scope);
    given.put("rounding", rounding);
    given.put("on-empty", onEmpty);
    given.put("round-to", roundTo);
    given.put("min-channels", minChannels);
    given.put("ignore", ignore);
    given.put(ATTENTION, attention);
    return given;
  }
}
