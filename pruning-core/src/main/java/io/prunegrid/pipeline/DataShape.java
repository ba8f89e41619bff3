package io.prunegrid.pipeline;

import io.prunegrid.data.DataSource;
import io.prunegrid.graph.Shape;

/**
 * What a network must know of the images it is built for.
 *
 * @param image {@code (channel, height, width)}
 * @param classes number of classes
 */
public record DataShape(Shape image, int classes) {
  public static DataShape of(DataSource data) {
    return new DataShape(data.imageShape(), data.classNames().size());
  }
}
