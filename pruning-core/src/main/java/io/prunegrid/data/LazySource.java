package io.prunegrid.data;

import io.prunegrid.graph.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** A source whose parts are read on first use; a part that could not be read is tried again. */
final class LazySource implements DataSource {
  private final String spec;
  private final Shape imageShape;
  private final List<String> classNames;
  private final List<Path> files;
  private final Function<Part, Dataset> reader;
  private final Object trainLock = new Object();
  private final Object testLock = new Object();
  private Dataset train;
  private Dataset test;

  LazySource(
      String spec,
      Shape imageShape,
      List<String> classNames,
      List<Path> files,
      Function<Part, Dataset> reader) {
    this.spec = spec;
    this.imageShape = imageShape;
    this.classNames = List.copyOf(classNames);
    this.files = List.copyOf(files);
    this.reader = reader;
  }

  @Override
  public String spec() {
    return spec;
  }

  @Override
  public Shape imageShape() {
    return imageShape;
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public List<Path> files() {
    return files;
  }

  @Override
  public Dataset train() {
    synchronized (trainLock) {
      if (train == null) {
        train = reader.apply(Part.TRAIN);
      }
      return train;
    }
  }

  @Override
  public Dataset test() {
    synchronized (testLock) {
      if (test == null) {
        test = reader.apply(Part.TEST);
      }
      return test;
    }
  }

  @Override
  public String toString() {
    return spec;
  }
}
