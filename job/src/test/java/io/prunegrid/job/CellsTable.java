package io.prunegrid.job;

import io.prunegrid.common.Sha256;
import io.prunegrid.job.store.Attempts;
import io.prunegrid.job.store.CellColumns;
import io.prunegrid.job.store.DuckDb;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;

/** The tables and models of a results folder, as the program and as DuckDB see them. */
record CellsTable(Path results) {

  /** Rows as our own commands see them, the journal's too. */
  List<GenericRecord> rows() {
    return reader().rows(CellColumns.TABLE);
  }

  List<GenericRecord> attempts() {
    return reader().rows(Attempts.TABLE);
  }

  private ResultsReader reader() {
    return ResultsReader.open(Location.of(results), List.of(CellColumns.TABLE, Attempts.TABLE));
  }

  /** Whether the tables are there yet. */
  boolean exists() {
    return Files.isDirectory(results.resolve("cells"));
  }

  private String parquet() {
    return "'" + results + "/cells/*.parquet'";
  }

  /** Rows in the Parquet files. */
  long count() {
    return DuckDb.number("select count(*) from " + parquet());
  }

  /** Different keys in the Parquet files. */
  long keys() {
    return DuckDb.number("select count(distinct key) from " + parquet());
  }

  /** Columns that should repeat and do not, among the cells that both folders have. */
  List<String> columnsThatDifferFrom(CellsTable other) {
    return CellColumns.repeatable().stream()
        .filter(
            column ->
                DuckDb.number(
                        "select count(*) from "
                            + parquet()
                            + " a join "
                            + other.parquet()
                            + " b using (key) where a.\""
                            + column
                            + "\" is distinct from b.\""
                            + column
                            + "\"")
                    > 0)
        .toList();
  }

  /** Cells of this folder that the other one lacks. */
  long cellsMissingFrom(CellsTable other) {
    return DuckDb.number(
        "select count(*) from "
            + parquet()
            + " where key not in (select key from "
            + other.parquet()
            + ")");
  }

  /** Hash of every file under {@code models}, by its path. */
  Map<String, String> models() {
    return files("models");
  }

  /** Hash of the Parquet files of the table, by their names. */
  Map<String, String> parquetFiles() {
    return files("cells");
  }

  private Map<String, String> files(String folder) {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(results.resolve(folder))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(results.relativize(file).toString(), Sha256.of(Files.readAllBytes(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return contents;
  }
}
