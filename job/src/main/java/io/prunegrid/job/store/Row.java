package io.prunegrid.job.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/**
 * One row on its way to a table, already in Avro's binary form: checked against the table's schema
 * where it was made, cheap to send and to append.
 */
public final class Row implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String table;
  private final String key;
  private final byte[] avro;

  private Row(String table, String key, byte[] avro) {
    this.table = table;
    this.key = key;
    this.avro = avro;
  }

  /**
   * The row with these values.
   *
   * @throws IllegalArgumentException where the values do not fit the table's columns
   */
  public static Row of(Table table, GenericRecord values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try {
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
      new GenericDatumWriter<GenericRecord>(table.schema()).write(values, encoder);
      encoder.flush();
    } catch (IOException | AvroRuntimeException | ClassCastException | NullPointerException e) {
      throw new IllegalArgumentException(
          "not a row of table " + table.name() + ": " + e.getMessage(), e);
    }
    String key = table.hasKey() ? values.get(table.key()).toString() : "";
    return new Row(table.name(), key, bytes.toByteArray());
  }

  /** The name of its table. */
  public String table() {
    return table;
  }

  /** The value of its key column; empty where its table has none. */
  public String key() {
    return key;
  }

  /** Its size in Avro's binary form. */
  public int bytes() {
    return avro.length;
  }

  /** Its values, as {@code table} has them. */
  public GenericRecord values(Table table) {
    return decode(avro, table.schema(), table.schema());
  }

  byte[] avro() {
    return avro;
  }

  static GenericRecord decode(byte[] avro, Schema written, Schema wanted) {
    GenericDatumReader<GenericRecord> reader =
        new GenericDatumReader<>(written, wanted, GenericData.get());
    try {
      return reader.read(null, DecoderFactory.get().binaryDecoder(avro, null));
    } catch (IOException e) {
      throw new IllegalArgumentException("not a row of " + written.getName(), e);
    }
  }
}
