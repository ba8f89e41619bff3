package io.prunegrid.job.analysis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.avro.generic.GenericRecord;

/** How rows that look alike are told apart, in few words. */
final class Distinction {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HASH = 8;

  private Distinction() {}

  /** A column's value, hashes shortened. */
  static String of(GenericRecord row, String column) {
    String value = text(row, column);
    boolean hash = column.equals("key") || column.endsWith("_hash");
    return column.replace('_', '-')
        + "="
        + (hash && value.length() > HASH ? value.substring(0, HASH) : value);
  }

  /**
   * What sets a row apart from others, in parentheses; empty where nothing does. Of settings only
   * those that differ are named.
   */
  static String between(GenericRecord row, List<GenericRecord> others, List<String> columns) {
    List<String> differences = new ArrayList<>();
    for (String column : columns) {
      if (others.stream().map(other -> text(other, column)).distinct().count() < 2) {
        continue;
      }
      if (column.endsWith("_settings") && row.get(column) != null) {
        differences.add(column.replace("_settings", "") + settings(row, others, column));
      } else {
        differences.add(of(row, column));
      }
    }
    return differences.isEmpty() ? "" : " (" + String.join(", ", differences) + ")";
  }

  private static String settings(GenericRecord row, List<GenericRecord> others, String column) {
    JsonNode own = json(row, column);
    TreeSet<String> names = new TreeSet<>();
    own.fieldNames().forEachRemaining(names::add);
    StringBuilder text = new StringBuilder();
    for (String name : names) {
      if (others.stream().map(other -> json(other, column).path(name)).distinct().count() > 1) {
        text.append(' ').append(name).append('=').append(own.path(name).asText());
      }
    }
    return text.toString();
  }

  private static JsonNode json(GenericRecord row, String column) {
    try {
      return JSON.readTree(row.get(column) == null ? "{}" : row.get(column).toString());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(column + " is no JSON: " + row.get(column), e);
    }
  }

  private static String text(GenericRecord row, String column) {
    Object value = row.get(column);
    return value == null ? "none" : value.toString();
  }
}
