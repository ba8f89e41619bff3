package io.prunegrid.zoo;

import io.prunegrid.graph.Shape;

/**
 * What a recipe needs to know besides its name.
 *
 * @param classes number of outputs, at least 1
 * @param channels channels of the input images, at least 1
 * @param height rows of the input images, at least 1
 * @param width columns of the input images, at least 1
 */
public record NetworkSize(int classes, int channels, int height, int width) {
  /** The input: {@code (channel, height, width)}. */
  public Shape input() {
    return Shape.of(channels, height, width);
  }

  public NetworkSize withClasses(int changed) {
    return new NetworkSize(changed, channels, height, width);
  }

  /** The same network for square images of this side. */
  public NetworkSize withResolution(int side) {
    return new NetworkSize(classes, channels, side, side);
  }

  /** The same network for images of this shape, {@code (channel, height, width)}. */
  public NetworkSize withImages(Shape image) {
    return new NetworkSize(classes, image.dim(0), image.dim(1), image.dim(2));
  }
}
