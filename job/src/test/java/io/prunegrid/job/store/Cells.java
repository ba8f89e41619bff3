package io.prunegrid.job.store;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** A table like the real one, with every shape of column that rows have, and rows for it. */
public final class Cells {
  /** Keyed by {@code key}. */
  public static final Table TABLE = Table.keyed("cells", schema(), "key");

  /** Both tables of a results folder. */
  public static final List<Table> TABLES = List.of(TABLE, Attempts.TABLE);

  private Cells() {}

  /** The row of number i; the same i gives the same row. */
  public static Row row(int i) {
    return Row.of(TABLE, values(i));
  }

  public static String key(int i) {
    return String.format("%064x", i * 0x9E3779B97F4A7C15L);
  }

  public static GenericRecord values(int i) {
    GenericRecord row = new GenericData.Record(TABLE.schema());
    row.put("key", key(i));
    row.put("number", i);
    row.put("ratio", i % 10 / 10.0);
    row.put("method", i % 3 == 0 ? null : "ln");
    row.put("seeds", List.of((long) i, i + 1L));
    row.put("channels_kept", Map.of("layer1.0.conv1", i, "conv.2", 2 * i));
    Schema perClass = TABLE.schema().getField("per_class").schema().getElementType();
    row.put(
        "per_class",
        IntStream.range(0, i % 4)
            .mapToObj(
                c -> {
                  GenericRecord one = new GenericData.Record(perClass);
                  one.put("class", c);
                  one.put("correct", c % 2 == 0 ? null : i);
                  return one;
                })
            .toList());
    return row;
  }

  private static Schema schema() {
    return SchemaBuilder.record("Cell")
        .namespace("io.prunegrid.results")
        .fields()
        .requiredString("key")
        .requiredInt("number")
        .requiredDouble("ratio")
        .optionalString("method")
        .name("seeds")
        .type()
        .array()
        .items()
        .longType()
        .noDefault()
        .name("channels_kept")
        .type()
        .map()
        .values()
        .intType()
        .noDefault()
        .name("per_class")
        .type()
        .array()
        .items()
        .record("ClassCount")
        .fields()
        .requiredInt("class")
        .optionalInt("correct")
        .endRecord()
        .noDefault()
        .endRecord();
  }
}
