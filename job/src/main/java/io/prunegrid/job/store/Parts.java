package io.prunegrid.job.store;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.disk.Disk;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.avro.AvroReadSupport;
import org.apache.parquet.avro.AvroWriteSupport;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.schema.MessageType;

/** Parquet files of a table: published whole, with a checksum inside, never changed. */
final class Parts {
  private static final String READ_SCHEMA = "parquet.avro.read.schema";

  private Parts() {}

  /** A source of rows that hands each one to a consumer. */
  @FunctionalInterface
  interface Source {
    void forEach(Consumer<GenericRecord> each);
  }

  /**
   * Publishes a part under its name, or finds it published; nothing where the source has no rows.
   *
   * @return the rows in it
   */
  static long publish(
      Disk disk, Location folder, int number, Table table, Source source, Step.Watcher watcher)
      throws IOException {
    long[] rows = {0};
    byte[] part =
        bytes(
            table,
            each ->
                source.forEach(
                    row -> {
                      rows[0]++;
                      each.accept(row);
                    }));
    if (rows[0] > 0) {
      boolean unused =
          disk.publish(
              Segments.part(folder, number),
              part,
              stage ->
                  watcher.reached(
                      switch (stage) {
                        case WRITTEN -> Step.PART_WRITTEN;
                        case FORCED -> Step.PART_FORCED;
                        case NAMED -> Step.PART_NAMED;
                      }));
    }
    return rows[0];
  }

  /** A whole Parquet file, even without rows. */
  static byte[] bytes(Table table, Source source) throws IOException {
    PlainParquetConfiguration configuration = new PlainParquetConfiguration();
    configuration.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, false);
    ParquetBytes.Output file = new ParquetBytes.Output();
    try (ParquetWriter<GenericRecord> writer =
        AvroParquetWriter.<GenericRecord>builder(file)
            .withSchema(table.schema())
            .withDataModel(GenericData.get())
            .withConf(configuration)
            .withExtraMetaData(Map.of(Checksummed.NAME, Checksummed.OPEN))
            .withCompressionCodec(CompressionCodecName.ZSTD)
            .build()) {
      source.forEach(
          row -> {
            try {
              writer.write(row);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    byte[] bytes = file.bytes();
    Checksummed.seal(bytes);
    return bytes;
  }

  /** Every row of a file as the table has it now: columns that the file lacks are null. */
  static void read(Disk disk, Location file, Table table, Consumer<GenericRecord> each) {
    rows(file, whole(disk, file), table.schema(), each);
  }

  /** Every key of a file of a keyed table; the others of its columns are not decoded. */
  static void readKeys(Disk disk, Location file, Table table, Consumer<String> each) {
    Schema keyOnly =
        SchemaBuilder.record(table.schema().getName())
            .namespace(table.schema().getNamespace())
            .fields()
            .name(table.key())
            .type(table.schema().getField(table.key()).schema())
            .noDefault()
            .endRecord();
    rows(file, whole(disk, file), keyOnly, row -> each.accept(row.get(0).toString()));
  }

  /** A file's bytes, verified. */
  static byte[] whole(Disk disk, Location file) {
    try {
      byte[] bytes = disk.read(file).orElseThrow(() -> new IOException("it has just been removed"));
      Checksummed.damage(bytes)
          .ifPresent(
              damage -> {
                throw new BadInput(
                    file
                        + " is damaged: "
                        + damage
                        + "; move it away, and what it held runs again");
              });
      return bytes;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static void rows(
      Location file, byte[] bytes, Schema wanted, Consumer<GenericRecord> each) {
    InputFile input = new ParquetBytes.Input(bytes);
    ParquetConfiguration configuration = new PlainParquetConfiguration();
    configuration.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, false);
    configuration.set(
        AvroReadSupport.AVRO_REQUESTED_PROJECTION, columnsOf(file, input, wanted).toString());
    configuration.set(READ_SCHEMA, wanted.toString());
    try (ParquetReader<GenericRecord> reader =
        AvroParquetReader.<GenericRecord>builder(input, configuration)
            .withDataModel(GenericData.get())
            .build()) {
      for (GenericRecord row = next(file, reader); row != null; row = next(file, reader)) {
        each.accept(row);
      }
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The wanted columns that the file has; the others become null. */
  private static Schema columnsOf(Location file, InputFile input, Schema wanted) {
    MessageType has;
    // Options without a configuration of their own would parse Hadoop's files once a part.
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    try (ParquetFileReader reader = ParquetFileReader.open(input, options)) {
      has = reader.getFooter().getFileMetaData().getSchema();
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
    List<Schema.Field> fields =
        wanted.getFields().stream()
            .filter(field -> has.containsField(field.name()))
            .map(field -> new Schema.Field(field, field.schema()))
            .toList();
    return Schema.createRecord(
        wanted.getName(), wanted.getDoc(), wanted.getNamespace(), false, fields);
  }

  private static GenericRecord next(Location file, ParquetReader<GenericRecord> reader) {
    try {
      return reader.read();
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  private static BadInput unreadable(Location file, Exception e) {
    return new BadInput(
        file + " cannot be read as a table's Parquet file: " + firstLine(e.getMessage()), e);
  }

  private static String firstLine(String message) {
    return message == null ? "no reason given" : message.lines().findFirst().orElse("");
  }
}
