package io.prunegrid.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** One JSON object read field by field; what is left over at the end is an error. */
final class JsonFields {
  private final String where;
  private final JsonNode object;
  private final Set<String> read = new HashSet<>();

  /**
   * Begins to read.
   *
   * @param where what the object describes, for messages
   */
  JsonFields(String where, JsonNode object) throws Malformed {
    this.where = where;
    this.object = object;
    if (!object.isObject()) {
      throw new Malformed(where + " is no JSON object");
    }
  }

  boolean has(String key) {
    return object.has(key);
  }

  JsonNode value(String key) throws Malformed {
    read.add(key);
    JsonNode value = object.get(key);
    if (value == null) {
      throw new Malformed(where + " has no " + key);
    }
    return value;
  }

  String text(String key) throws Malformed {
    JsonNode value = value(key);
    if (!value.isTextual()) {
      throw wrong(key, "a text");
    }
    return value.textValue();
  }

  int integer(String key, int least, int most) throws Malformed {
    return integer(key, value(key), least, most);
  }

  double number(String key) throws Malformed {
    JsonNode value = value(key);
    if (!value.isNumber() || !Double.isFinite(value.doubleValue()) || value.doubleValue() < 0) {
      throw wrong(key, "a number of at least 0");
    }
    return value.doubleValue();
  }

  /** Any finite number. */
  double real(String key) throws Malformed {
    JsonNode value = value(key);
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw wrong(key, "a number");
    }
    return value.doubleValue();
  }

  boolean flag(String key) throws Malformed {
    JsonNode value = value(key);
    if (!value.isBoolean()) {
      throw wrong(key, "true or false");
    }
    return value.booleanValue();
  }

  List<JsonNode> list(String key) throws Malformed {
    JsonNode value = value(key);
    if (!value.isArray()) {
      throw wrong(key, "a list");
    }
    List<JsonNode> items = new ArrayList<>();
    value.forEach(items::add);
    return items;
  }

  List<String> texts(String key) throws Malformed {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : list(key)) {
      if (!item.isTextual()) {
        throw wrong(key, "a list of texts");
      }
      texts.add(item.textValue());
    }
    return texts;
  }

  List<Integer> integers(String key, int least, int most) throws Malformed {
    List<Integer> integers = new ArrayList<>();
    for (JsonNode item : list(key)) {
      integers.add(integer(key, item, least, most));
    }
    return integers;
  }

  /** Refuses fields that nothing has asked for. */
  void expectNoMore() throws Malformed {
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!read.contains(name)) {
        throw new Malformed(where + " has the unknown field " + Malformed.quote(name));
      }
    }
  }

  private int integer(String key, JsonNode value, int least, int most) throws Malformed {
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw wrong(key, "whole numbers from " + least + " to " + most);
    }
    return value.intValue();
  }

  private Malformed wrong(String key, String expected) {
    return new Malformed(
        where
            + " has "
            + Malformed.quote(String.valueOf(object.get(key)))
            + " as "
            + key
            + ", expected "
            + expected);
  }
}
