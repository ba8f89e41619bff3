package io.prunegrid.job.store;

import java.util.List;
import java.util.function.Function;
import org.apache.avro.Schema;

/**
 * One column of a table and how a row gets it.
 *
 * @param name snake_case, with its unit where it has one
 * @param type Avro schema of the values
 * @param doc one line for people
 * @param stability whether the same configuration, inputs and seed give the same value
 * @param value the value of one row
 */
record Column<R>(
    String name, Schema type, String doc, Stability stability, Function<R, Object> value) {

  /** Whether a column repeats when a cell is run again. */
  enum Stability {
    /** The same within a numerics class. */
    REPEATS,
    /** Times, rates and places: different in every run. */
    VARIES
  }

  static Schema text() {
    return Schema.create(Schema.Type.STRING);
  }

  static Schema number() {
    return Schema.create(Schema.Type.DOUBLE);
  }

  static Schema whole() {
    return Schema.create(Schema.Type.LONG);
  }

  static Schema flag() {
    return Schema.create(Schema.Type.BOOLEAN);
  }

  static Schema list(Schema element) {
    return Schema.createArray(element);
  }

  static Schema map(Schema value) {
    return Schema.createMap(value);
  }

  static Schema optional(Schema schema) {
    return Schema.createUnion(List.of(Schema.create(Schema.Type.NULL), schema));
  }

  boolean isOptional() {
    return type.getType() == Schema.Type.UNION;
  }

  Schema.Field field() {
    return isOptional()
        ? new Schema.Field(name, type, doc, Schema.Field.NULL_DEFAULT_VALUE)
        : new Schema.Field(name, type, doc);
  }
}
