package io.prunegrid.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** One JSON object read field by field; what is left over at the end is an error. */
final class JsonFields {
  private static final int MOST_NAMED = 5;

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

  /** The whole numbers of a list; where there are others, a sentence names the first of them. */
  List<Integer> integers(String key, int least, int most, List<String> problems) throws Malformed {
    List<JsonNode> items = list(key);
    List<JsonNode> wrong = items.stream().filter(item -> !isInteger(item, least, most)).toList();
    if (!wrong.isEmpty()) {
      String named =
          wrong.stream()
              .limit(MOST_NAMED)
              .map(item -> Malformed.quote(item.toString()))
              .collect(Collectors.joining(", "));
      int more = wrong.size() - MOST_NAMED;
      problems.add(
          where
              + " has "
              + named
              + (more > 0 ? " and " + more + " more" : "")
              + " in "
              + key
              + ", expected "
              + range(least, most));
    }
    return items.stream()
        .filter(item -> isInteger(item, least, most))
        .map(JsonNode::intValue)
        .toList();
  }

  /** Names of all fields, in order. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** Refuses fields that nothing has asked for. */
  void expectNoMore() throws Malformed {
    List<String> unread = unread();
    if (!unread.isEmpty()) {
      throw new Malformed(unread.get(0));
    }
  }

  /** A sentence for each field that nothing has asked for. */
  List<String> unread() {
    return names().stream()
        .filter(name -> !read.contains(name))
        .map(name -> where + " has the unknown field " + Malformed.quote(name))
        .toList();
  }

  private int integer(String key, JsonNode value, int least, int most) throws Malformed {
    if (!isInteger(value, least, most)) {
      throw wrong(key, range(least, most));
    }
    return value.intValue();
  }

  private static String range(int least, int most) {
    return "whole numbers from " + least + " to " + most;
  }

  private static boolean isInteger(JsonNode value, int least, int most) {
    return value.isIntegralNumber()
        && value.canConvertToInt()
        && value.intValue() >= least
        && value.intValue() <= most;
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
