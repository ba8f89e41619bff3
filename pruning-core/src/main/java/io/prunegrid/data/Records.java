package io.prunegrid.data;

import io.prunegrid.common.Sha256;
import io.prunegrid.graph.Shape;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/** A part of a data set in memory, one byte array a record. */
final class Records implements Dataset {
  private final String spec;
  private final List<String> classNames;
  private final Pixels pixels;
  private final byte[][] images;
  private final byte[] labels;
  private final String contentHash;

  /**
   * @param images one record each, {@link Pixels#recordBytes()} long, handed over
   * @param labels one byte a record, each a position in {@code classNames}, handed over
   */
  Records(String spec, List<String> classNames, Pixels pixels, byte[][] images, byte[] labels) {
    this.spec = spec;
    this.classNames = List.copyOf(classNames);
    this.pixels = pixels;
    this.images = images;
    this.labels = labels;
    this.contentHash = hash();
  }

  private String hash() {
    MessageDigest digest = Sha256.digest();
    String header = pixels.shape() + " " + pixels.rule() + " x " + images.length + "\n";
    digest.update(header.getBytes(StandardCharsets.UTF_8));
    digest.update(labels);
    for (byte[] image : images) {
      digest.update(image);
    }
    return Sha256.hex(digest);
  }

  @Override
  public String spec() {
    return spec;
  }

  @Override
  public int size() {
    return images.length;
  }

  @Override
  public Shape imageShape() {
    return pixels.shape();
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public void copyImage(int index, float[] to, int offset) {
    pixels.copy(images[index], to, offset);
  }

  @Override
  public String contentHash() {
    return contentHash;
  }

  @Override
  public String toString() {
    return spec + ": " + images.length + " images of " + pixels.shape();
  }
}
