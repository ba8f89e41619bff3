package io.prunegrid.pipeline;

import io.prunegrid.channel.Block;
import io.prunegrid.common.Sha256;
import io.prunegrid.criterion.Scores;
import io.prunegrid.criterion.Scores.ClassScores;
import io.prunegrid.criterion.Scores.LayerScores;
import io.prunegrid.criterion.Scores.RankScores;
import io.prunegrid.criterion.Scores.WeightScores;
import io.prunegrid.graph.Shape;
import io.prunegrid.graph.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Scores as bytes: the kind, then names, sizes and big-endian numbers. */
final class ScoresCodec implements Codec<Scores> {
  static final ScoresCodec INSTANCE = new ScoresCodec();

  private static final int LAYERS = 1;
  private static final int CLASSES = 2;
  private static final int WEIGHTS = 3;
  private static final int RANKS = 4;
  private static final int CHANNELS = 5;

  private ScoresCodec() {}

  /** Identity of the content, without keeping large scores twice. */
  String hash(Scores scores) {
    return scores instanceof WeightScores weights
            && weights.blocks().isEmpty()
            && weights.spared().isEmpty()
        ? new io.prunegrid.graph.Weights(weights.parameters()).contentHash()
        : Sha256.of(encode(scores));
  }

  @Override
  public byte[] encode(Scores scores) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      if (scores instanceof LayerScores layers) {
        out.writeByte(LAYERS);
        out.writeInt(layers.layers().size());
        for (String layer : layers.layers()) {
          out.writeUTF(layer);
          write(out, layers.of(layer));
        }
      } else if (scores instanceof ClassScores classes) {
        double[][] values = classes.byChannel();
        boolean single = Arrays.stream(values).allMatch(own -> own.length == 1);
        out.writeByte(single ? CLASSES : CHANNELS);
        if (single) {
          write(out, classes.toArray());
        } else {
          out.writeInt(values.length);
          for (double[] own : values) {
            write(out, own);
          }
        }
      } else if (scores instanceof RankScores ranks) {
        out.writeByte(RANKS);
        write(out, ranks.toArray());
      } else if (scores instanceof WeightScores weights) {
        out.writeByte(WEIGHTS);
        out.writeInt(weights.parameters().size());
        for (Map.Entry<String, Tensor> entry : weights.parameters().entrySet()) {
          out.writeUTF(entry.getKey());
          write(out, entry.getValue());
        }
        out.writeInt(weights.blocks().size());
        for (Map.Entry<String, Block> entry : weights.blocks().entrySet()) {
          out.writeUTF(entry.getKey());
          write(out, entry.getValue().parameter());
          out.writeInt(entry.getValue().rows());
          out.writeInt(entry.getValue().columns());
        }
        out.writeInt(weights.spared().size());
        for (Map.Entry<String, BitSet> entry : weights.spared().entrySet()) {
          out.writeUTF(entry.getKey());
          byte[] bits = entry.getValue().toByteArray();
          out.writeInt(bits.length);
          out.write(bits);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory cannot fail", e);
    }
    return bytes.toByteArray();
  }

  @Override
  public Scores decode(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int kind = in.readByte();
      return switch (kind) {
        case LAYERS -> {
          Map<String, double[]> layers = new LinkedHashMap<>();
          for (int left = in.readInt(); left > 0; left--) {
            layers.put(in.readUTF(), doubles(in));
          }
          yield new LayerScores(layers);
        }
        case CLASSES -> new ClassScores(doubles(in));
        case CHANNELS -> {
          double[][] values = new double[in.readInt()][];
          for (int id = 0; id < values.length; id++) {
            values[id] = doubles(in);
          }
          yield new ClassScores(values);
        }
        case WEIGHTS -> {
          Map<String, Tensor> parameters = new LinkedHashMap<>();
          for (int left = in.readInt(); left > 0; left--) {
            parameters.put(in.readUTF(), tensor(in));
          }
          Map<String, Block> blocks = new LinkedHashMap<>();
          for (int left = in.readInt(); left > 0; left--) {
            blocks.put(in.readUTF(), new Block(shape(in), in.readInt(), in.readInt()));
          }
          Map<String, BitSet> spared = new LinkedHashMap<>();
          for (int left = in.readInt(); left > 0; left--) {
            spared.put(in.readUTF(), BitSet.valueOf(in.readNBytes(in.readInt())));
          }
          yield new WeightScores(parameters, blocks, spared);
        }
        case RANKS -> new RankScores(counts(in));
        default -> throw new IllegalStateException("scores of unknown kind " + kind);
      };
    } catch (IOException e) {
      throw new IllegalStateException("these bytes are no scores", e);
    }
  }

  private static void write(DataOutputStream out, double[] values) throws IOException {
    out.writeInt(values.length);
    for (double value : values) {
      out.writeDouble(value);
    }
  }

  private static void write(DataOutputStream out, Shape shape) throws IOException {
    out.writeInt(shape.rank());
    for (int dim : shape.dims()) {
      out.writeInt(dim);
    }
  }

  private static void write(DataOutputStream out, Tensor tensor) throws IOException {
    write(out, tensor.shape());
    for (int i = 0; i < tensor.size(); i++) {
      out.writeFloat(tensor.at(i));
    }
  }

  private static void write(DataOutputStream out, int[][] counts) throws IOException {
    out.writeInt(counts.length);
    for (int[] own : counts) {
      out.writeInt(own.length);
      out.writeInt((int) Arrays.stream(own).filter(count -> count != 0).count());
      for (int rank = 0; rank < own.length; rank++) {
        if (own[rank] != 0) {
          out.writeInt(rank);
          out.writeInt(own[rank]);
        }
      }
    }
  }

  private static int[][] counts(DataInputStream in) throws IOException {
    int[][] counts = new int[in.readInt()][];
    for (int id = 0; id < counts.length; id++) {
      counts[id] = new int[in.readInt()];
      for (int left = in.readInt(); left > 0; left--) {
        int rank = in.readInt();
        counts[id][rank] = in.readInt();
      }
    }
    return counts;
  }

  private static double[] doubles(DataInputStream in) throws IOException {
    double[] values = new double[in.readInt()];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readDouble();
    }
    return values;
  }

  private static Shape shape(DataInputStream in) throws IOException {
    List<Integer> dims = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      dims.add(in.readInt());
    }
    return new Shape(dims);
  }

  private static Tensor tensor(DataInputStream in) throws IOException {
    Shape shape = shape(in);
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readFloat();
    }
    return Tensor.wrap(shape, values);
  }
}
