package io.prunegrid.job.schedule;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Events and decisions as lines of JSON: the time, what it is, and its parts under their names, as
 * in <code>{"at":1700000000000,"event":"began","task":7,"item":3}</code>.
 */
public final class EventLines {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Class<?>> EVENTS = byName(Event.class);
  private static final Map<String, Class<?>> DECISIONS = byName(Decision.class);

  private EventLines() {}

  /** An event's line, without its end. */
  public static String line(Event event) {
    ObjectNode node = JSON.createObjectNode();
    node.put("at", event.at());
    node.put("event", name(event.getClass()));
    write(event, node);
    return node.toString();
  }

  /** A decision's line, without its end. */
  public static String line(long at, Decision decision) {
    ObjectNode node = JSON.createObjectNode();
    node.put("at", at);
    node.put("decision", name(decision.getClass()));
    write(decision, node);
    return node.toString();
  }

  /** The line of the rules of a run. */
  public static String line(Policy policy) {
    ObjectNode node = JSON.createObjectNode();
    write(policy, node.putObject("policy"));
    return node.toString();
  }

  /** The line of an item of a workload, with what people call it. */
  public static String line(Workload work, int item, String key, String kind, String label) {
    ObjectNode node = JSON.createObjectNode();
    node.put("item", item).put("key", key).put("kind", kind).put("label", label);
    node.put("group", work.group(item)).put("seconds", (float) work.seconds(item));
    if (work.limitSeconds(item) > 0) {
      node.put("limit", (float) work.limitSeconds(item));
    }
    if (work.needs(item).length > 0) {
      ArrayNode needs = node.putArray("needs");
      for (int need : work.needs(item)) {
        needs.add(need);
      }
    }
    return node.toString();
  }

  /**
   * A line, read.
   *
   * @throws IllegalArgumentException where it is not JSON
   */
  static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a line of JSON: " + line, e);
    }
  }

  static Event event(JsonNode node) {
    return (Event) read(EVENTS, node.get("event").asText(), node);
  }

  static Decision decision(JsonNode node) {
    return (Decision) read(DECISIONS, node.get("decision").asText(), node);
  }

  static Policy policy(JsonNode node) {
    return (Policy) read(Policy.class, node.get("policy"));
  }

  private static Object read(Map<String, Class<?>> types, String name, JsonNode node) {
    Class<?> type = types.get(name);
    if (type == null) {
      throw new IllegalArgumentException("no event or decision is named " + name);
    }
    return read(type, node);
  }

  private static void write(Object value, ObjectNode node) {
    for (RecordComponent part : value.getClass().getRecordComponents()) {
      Object content;
      try {
        content = part.getAccessor().invoke(value);
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException(e);
      }
      if (part.getName().equals("at")) {
        continue;
      }
      if (content instanceof Duration duration) {
        node.put(part.getName(), duration.toMillis());
      } else if (content instanceof Enum<?> choice) {
        node.put(part.getName(), choice.name().toLowerCase(Locale.ROOT));
      } else {
        node.set(part.getName(), JSON.valueToTree(content));
      }
    }
  }

  private static Object read(Class<?> type, JsonNode node) {
    RecordComponent[] parts = type.getRecordComponents();
    Class<?>[] types = new Class<?>[parts.length];
    Object[] values = new Object[parts.length];
    for (int i = 0; i < parts.length; i++) {
      types[i] = parts[i].getType();
      JsonNode value = node.get(parts[i].getName());
      if (value == null) {
        throw new IllegalArgumentException(parts[i].getName() + " is missing in " + node);
      }
      values[i] = read(types[i], value, node);
    }
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object read(Class<?> type, JsonNode value, JsonNode line) {
    if (type == long.class) {
      return value.asLong();
    }
    if (type == int.class) {
      return value.asInt();
    }
    if (type == double.class) {
      return value.asDouble();
    }
    if (type == String.class) {
      return value.asText();
    }
    if (type == Duration.class) {
      return Duration.ofMillis(value.asLong());
    }
    if (type == List.class) {
      List<Integer> numbers = new ArrayList<>();
      value.forEach(number -> numbers.add(number.asInt()));
      return numbers;
    }
    for (Object choice : type.getEnumConstants()) {
      if (((Enum<?>) choice).name().equalsIgnoreCase(value.asText())) {
        return choice;
      }
    }
    throw new IllegalArgumentException("cannot read " + value + " of " + line);
  }

  private static String name(Class<?> type) {
    return type.getSimpleName().toLowerCase(Locale.ROOT);
  }

  private static Map<String, Class<?>> byName(Class<?> family) {
    Map<String, Class<?>> types = new LinkedHashMap<>();
    for (Class<?> type : family.getDeclaredClasses()) {
      if (type.isRecord()) {
        types.put(name(type), type);
      }
    }
    return types;
  }
}
