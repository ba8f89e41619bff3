package io.prunegrid.pipeline;

import io.prunegrid.measure.ClassAccuracy;
import io.prunegrid.measure.Evaluation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The counts of an evaluation as big-endian integers; how long it took is no part of them. */
final class EvaluationCodec implements Codec<Evaluation> {
  static final EvaluationCodec INSTANCE = new EvaluationCodec();

  private static final int NO_TOP5 = -1;

  private EvaluationCodec() {}

  @Override
  public byte[] encode(Evaluation evaluation) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(evaluation.n());
      out.writeInt(evaluation.correct());
      out.writeInt(evaluation.correctTop5().orElse(NO_TOP5));
      out.writeInt(evaluation.perClass().size());
      for (ClassAccuracy accuracy : evaluation.perClass()) {
        out.writeInt(accuracy.classIndex());
        out.writeInt(accuracy.n());
        out.writeInt(accuracy.correct());
      }
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory cannot fail", e);
    }
    return bytes.toByteArray();
  }

  @Override
  public Evaluation decode(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int n = in.readInt();
      int correct = in.readInt();
      int top5 = in.readInt();
      List<ClassAccuracy> perClass = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        perClass.add(new ClassAccuracy(in.readInt(), in.readInt(), in.readInt()));
      }
      OptionalInt correctTop5 = top5 == NO_TOP5 ? OptionalInt.empty() : OptionalInt.of(top5);
      return new Evaluation(n, correct, correctTop5, perClass, 0);
    } catch (IOException e) {
      throw new IllegalStateException("these bytes are no evaluation", e);
    }
  }
}
