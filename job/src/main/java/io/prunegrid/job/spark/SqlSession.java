package io.prunegrid.job.spark;

import io.prunegrid.common.BadInput;
import io.prunegrid.job.store.ResultsReader;
import io.prunegrid.job.store.Table;
import io.prunegrid.job.store.disk.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import scala.jdk.javaapi.CollectionConverters;

/**
 * SQL over a results folder as it was when the session began: every table is a view of its name,
 * with the rows in its Parquet files and those still in the journal, and with the columns of today
 * where older files lack them.
 */
public final class SqlSession implements AutoCloseable {
  private final SparkSession spark;
  private final Path tails;

  SqlSession(SparkSession parent, ResultsReader results) {
    this.spark = parent.newSession();
    try {
      this.tails = Files.createTempDirectory("prunegrid-sql");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (Table table : results.tables()) {
      view(results, table);
    }
  }

  /**
   * Runs one statement.
   *
   * @throws BadInput where Spark refuses it, in Spark's own words; also from the rows' iterator
   */
  public SqlAnswer query(String statement) {
    return refusing(
        () -> {
          Dataset<Row> answer = spark.sql(statement);
          Iterator<Row> rows = answer.toLocalIterator();
          return new SqlAnswer(List.of(answer.columns()), new Rows(rows));
        });
  }

  /** Removes what the session kept on disk. */
  @Override
  public void close() {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(tails)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(tails);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void view(ResultsReader results, Table table) {
    Path tail = tails.resolve(table.name() + ".parquet");
    results.writeTail(table, tail);
    List<String> files = new ArrayList<>();
    results.files(table).forEach(file -> files.add(url(file)));
    files.add(url(Location.of(tail)));
    Dataset<Row> rows =
        spark.read().option("mergeSchema", "true").parquet(files.toArray(String[]::new));
    rows.select(inOrder(table, rows)).createOrReplaceTempView(table.name());
  }

  /** Today's columns in their order, then whatever another version added. */
  private static Column[] inOrder(Table table, Dataset<Row> rows) {
    List<String> names = new ArrayList<>(table.columns());
    for (String name : rows.columns()) {
      if (!names.contains(name)) {
        names.add(name);
      }
    }
    return names.stream().map(name -> functions.col("`" + name + "`")).toArray(Column[]::new);
  }

  /** Spark takes paths for patterns, so what would be one in a folder's name is escaped. */
  private static String url(Location file) {
    String text = file.isLocal() ? "file://" + file.absolute() : file.text();
    return text.replaceAll("[\\\\{}\\[\\]*?]", "\\\\$0");
  }

  private static <T> T refusing(Supplier<T> work) {
    try {
      return work.get();
    } catch (Exception e) {
      // Not only unchecked ones: Spark is written in Scala and declares none of its own.
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof SparkThrowable known
            && known.getCondition() != null
            && !known.isInternalError()) {
          throw new BadInput(firstLine(cause), e);
        }
      }
      throw e;
    }
  }

  private static String firstLine(Throwable e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return message
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .findFirst()
        .orElse("");
  }

  /** Spark's rows as plain values. */
  private static final class Rows implements Iterator<List<Object>> {
    private final Iterator<Row> rows;

    Rows(Iterator<Row> rows) {
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return refusing(rows::hasNext);
    }

    @Override
    public List<Object> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Row row = refusing(rows::next);
      List<Object> values = new ArrayList<>(row.size());
      for (int i = 0; i < row.size(); i++) {
        values.add(plain(row.get(i)));
      }
      return values;
    }

    private static Object plain(Object value) {
      if (value instanceof Row row) {
        Map<String, Object> fields = new LinkedHashMap<>();
        String[] names = row.schema().fieldNames();
        for (int i = 0; i < names.length; i++) {
          fields.put(names[i], plain(row.get(i)));
        }
        return fields;
      }
      if (value instanceof scala.collection.Seq<?> list) {
        List<Object> values = new ArrayList<>();
        CollectionConverters.asJava(list).forEach(each -> values.add(plain(each)));
        return values;
      }
      if (value instanceof scala.collection.Map<?, ?> map) {
        Map<Object, Object> values = new LinkedHashMap<>();
        CollectionConverters.asJava(map)
            .forEach((key, each) -> values.put(plain(key), plain(each)));
        return values;
      }
      if (value instanceof java.sql.Timestamp time) {
        return time.toInstant();
      }
      if (value instanceof java.sql.Date date) {
        return date.toLocalDate();
      }
      return value;
    }
  }
}
