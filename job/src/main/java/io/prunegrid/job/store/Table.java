package io.prunegrid.job.store;

import java.io.Serializable;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

/**
 * A table of a results folder: its name, which is its folder's too, and its columns as an Avro
 * record. A keyed table holds at most one row for every value of its key column; the first row
 * published stays. Columns may be added later if they are nullable with default null: older files
 * then read as null there.
 *
 * @param name lower-case letters, digits and underscores
 * @param schema a record; its strings are read as {@link String}
 * @param key the key column, a string that is never null; empty where the table has none
 */
public record Table(String name, Schema schema, String key) implements Serializable {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

  public Table {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("not a name of a table: '" + name + "'");
    }
    if (schema.getType() != Schema.Type.RECORD) {
      throw new IllegalArgumentException("the columns of table " + name + " must be a record");
    }
    if (!key.isEmpty()
        && (schema.getField(key) == null
            || schema.getField(key).schema().getType() != Schema.Type.STRING)) {
      throw new IllegalArgumentException(
          "table " + name + " needs a string column '" + key + "' as its key");
    }
    schema = withJavaStrings(schema);
  }

  /** A table in which the first row of a key stays. */
  public static Table keyed(String name, Schema schema, String key) {
    if (key.isEmpty()) {
      throw new IllegalArgumentException("table " + name + " needs the name of its key column");
    }
    return new Table(name, schema, key);
  }

  /** A table that keeps every row. */
  public static Table unkeyed(String name, Schema schema) {
    return new Table(name, schema, "");
  }

  /** Whether a second row of a key is a no-op. */
  public boolean hasKey() {
    return !key.isEmpty();
  }

  /** The columns in order. */
  public List<String> columns() {
    return schema.getFields().stream().map(Schema.Field::name).toList();
  }

  private static Schema withJavaStrings(Schema schema) {
    Schema copy = new Schema.Parser().parse(schema.toString());
    readStringsAsJava(copy, Collections.newSetFromMap(new IdentityHashMap<>()));
    return copy;
  }

  private static void readStringsAsJava(Schema schema, Set<Schema> seen) {
    if (!seen.add(schema)) {
      return;
    }
    switch (schema.getType()) {
      case STRING -> GenericData.setStringType(schema, GenericData.StringType.String);
      case ARRAY -> readStringsAsJava(schema.getElementType(), seen);
      case MAP -> {
        GenericData.setStringType(schema, GenericData.StringType.String);
        readStringsAsJava(schema.getValueType(), seen);
      }
      case UNION -> schema.getTypes().forEach(type -> readStringsAsJava(type, seen));
      case RECORD -> schema.getFields().forEach(field -> readStringsAsJava(field.schema(), seen));
      default -> {}
    }
  }
}
