package io.prunegrid.pipeline;

import io.prunegrid.common.SplitMix64;
import java.util.Locale;

/**
 * The named streams that a cell's seed feeds. A step draws from its own stream only, so that a
 * change in one step moves nothing in another, and a cell's key holds the seed only for the streams
 * that the cell consumes.
 */
enum SeedStream {
  BASE,
  HEAD,
  RETRAIN;

  /** The seed of this stream under a cell's seed. */
  long under(long seed) {
    return SplitMix64.stream(seed, name().toLowerCase(Locale.ROOT)).nextLong();
  }
}
