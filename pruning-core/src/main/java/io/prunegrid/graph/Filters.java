package io.prunegrid.graph;

/**
 * Which values of a weight belong to a channel that a convolution, transposed or not, or a linear
 * layer makes or reads, counted row-major.
 */
public final class Filters {
  private final int rows;
  private final int columns;
  private final int area;
  private final int groups;
  private final boolean transposed;

  private Filters(Op op, Shape weight) {
    rows = weight.dim(0);
    columns = weight.dim(1);
    area = Math.toIntExact(weight.size() / rows / columns);
    groups = op instanceof Convolution conv ? conv.groups() : 1;
    transposed = op instanceof SpatialOp.ConvTranspose2d;
  }

  /** Whether an operator has a weight of filters. */
  public static boolean has(Op op) {
    return op instanceof Convolution || op instanceof Op.Linear;
  }

  /** Whether each channel has a filter of its own that reads no other. */
  public static boolean areDepthwise(Op op) {
    return op instanceof Convolution conv && conv.isDepthwise();
  }

  /**
   * The filters of an operator.
   *
   * @param weight shape of its weight, as torch has it
   * @throws IllegalArgumentException for an operator that has none
   */
  public static Filters of(Op op, Shape weight) {
    if (!has(op)) {
      throw new IllegalArgumentException(op.getClass().getSimpleName() + " has no filters");
    }
    return new Filters(op, weight);
  }

  /** Channels that are made. */
  public int outputs() {
    return transposed ? columns * groups : rows;
  }

  /** Channels that are read, of all groups. */
  public int inputs() {
    return transposed ? rows : columns * groups;
  }

  /** Values that make a channel. */
  public int perOutput() {
    return transposed ? perSecond() : perFirst();
  }

  /** Values that read a channel. */
  public int perInput() {
    return transposed ? perFirst() : perSecond();
  }

  /**
   * Where a value lies that makes a channel.
   *
   * @param index in [0, {@link #perOutput})
   */
  public int output(int channel, int index) {
    return transposed ? second(channel, index) : first(channel, index);
  }

  /**
   * Where a value lies that reads a channel.
   *
   * @param index in [0, {@link #perInput})
   */
  public int input(int channel, int index) {
    return transposed ? first(channel, index) : second(channel, index);
  }

  /** The channel that a value makes. */
  public int outputOf(int place) {
    return transposed ? secondOf(place) : place / perFirst();
  }

  /** The channel that a value reads. */
  public int inputOf(int place) {
    return transposed ? place / perFirst() : secondOf(place);
  }

  private int perFirst() {
    return columns * area;
  }

  private int perSecond() {
    return rows / groups * area;
  }

  private int first(int channel, int index) {
    return channel * perFirst() + index;
  }

  /** The weight's second dimension counts within a group. */
  private int second(int channel, int index) {
    int row = channel / columns * (rows / groups) + index / area;
    return (row * columns + channel % columns) * area + index % area;
  }

  private int secondOf(int place) {
    int group = place / perFirst() / (rows / groups);
    return group * columns + place / area % columns;
  }
}
