package io.prunegrid.channel;

import java.util.Optional;

/**
 * What is left of one layer.
 *
 * @param out of its output channels
 * @param in of what it reads: all channels of a convolution's input, grouped ones too, or all
 *     features of a linear layer; empty for layers that work on each channel by itself
 */
public record LayerKept(KeptChannels out, Optional<KeptChannels> in) {}
