package io.prunegrid.job.store;

import io.prunegrid.common.BadInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
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
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;

/** Parquet files of a table: written whole under a hidden name, then renamed, never changed. */
final class Parts {
  private static final String READ_SCHEMA = "parquet.avro.read.schema";

  private Parts() {}

  /** A source of rows that hands each one to a consumer. */
  @FunctionalInterface
  interface Source {
    void forEach(Consumer<GenericRecord> each);
  }

  /**
   * Writes a part and gives it its final name; nothing where the source has no rows.
   *
   * @return the rows written
   */
  static long write(Path folder, int number, Table table, Source source, Step.Watcher watcher)
      throws IOException {
    Path unfinished = Segments.unfinishedPart(folder, number);
    Files.deleteIfExists(unfinished);
    long rows = writeFile(unfinished, table, source);
    if (rows == 0) {
      Files.delete(unfinished);
      return 0;
    }
    watcher.reached(Step.PART_WRITTEN);
    Durable.force(unfinished);
    watcher.reached(Step.PART_FORCED);
    Files.move(unfinished, Segments.part(folder, number), StandardCopyOption.ATOMIC_MOVE);
    Durable.forceFolder(folder);
    watcher.reached(Step.PART_RENAMED);
    return rows;
  }

  /** Writes one Parquet file, even without rows; returns how many it has. */
  static long writeFile(Path file, Table table, Source source) throws IOException {
    PlainParquetConfiguration configuration = new PlainParquetConfiguration();
    configuration.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, false);
    long[] rows = {0};
    try (ParquetWriter<GenericRecord> writer =
        AvroParquetWriter.<GenericRecord>builder(new LocalOutputFile(file))
            .withSchema(table.schema())
            .withDataModel(GenericData.get())
            .withConf(configuration)
            .withCompressionCodec(CompressionCodecName.ZSTD)
            .build()) {
      source.forEach(
          row -> {
            try {
              writer.write(row);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            rows[0]++;
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return rows[0];
  }

  /** Every row of a file as the table has it now: columns that the file lacks are null. */
  static void read(Path file, Table table, Consumer<GenericRecord> each) {
    read(file, table.schema(), each);
  }

  /** Every key of a file of a keyed table; reads no other column. */
  static void readKeys(Path file, Table table, Consumer<String> each) {
    Schema keyOnly =
        SchemaBuilder.record(table.schema().getName())
            .namespace(table.schema().getNamespace())
            .fields()
            .name(table.key())
            .type(table.schema().getField(table.key()).schema())
            .noDefault()
            .endRecord();
    read(file, keyOnly, row -> each.accept(row.get(0).toString()));
  }

  private static void read(Path file, Schema wanted, Consumer<GenericRecord> each) {
    ParquetConfiguration configuration = new PlainParquetConfiguration();
    configuration.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, false);
    configuration.set(
        AvroReadSupport.AVRO_REQUESTED_PROJECTION, columnsOf(file, wanted).toString());
    configuration.set(READ_SCHEMA, wanted.toString());
    try (ParquetReader<GenericRecord> reader =
        AvroParquetReader.<GenericRecord>builder(new LocalInputFile(file), configuration)
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
  private static Schema columnsOf(Path file, Schema wanted) {
    MessageType has;
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file))) {
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

  private static GenericRecord next(Path file, ParquetReader<GenericRecord> reader) {
    try {
      return reader.read();
    } catch (IOException | RuntimeException e) {
      throw unreadable(file, e);
    }
  }

  private static BadInput unreadable(Path file, Exception e) {
    return new BadInput(
        file + " cannot be read as a table's Parquet file: " + firstLine(e.getMessage()), e);
  }

  private static String firstLine(String message) {
    return message == null ? "no reason given" : message.lines().findFirst().orElse("");
  }
}
