package io.prunegrid.channel;

import java.util.List;
import java.util.Optional;

/**
 * Channels that live and die together, wherever in the network they appear.
 *
 * @param id place in {@link CoupledChannels#classes()}: by first producing layer, then channel
 * @param sites every place the class occupies, layers in topological order, OUT before IN
 * @param pinned why the class can never go, if it cannot
 */
public record ChannelClass(int id, List<Site> sites, Optional<String> pinned) {
  public ChannelClass {
    sites = List.copyOf(sites);
  }
}
