package io.prunegrid.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Changes a JSON document as a tree: what comes out is always well-formed. */
public final class JsonMutation {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int DEEPEST = 300;

  private final Choices choices;
  private final List<JsonNode> all = new ArrayList<>();
  private final List<JsonNode> containers = new ArrayList<>();

  private JsonMutation(Choices choices) {
    this.choices = choices;
  }

  /** A copy of the document after none to three changes. */
  public static JsonNode of(JsonNode document, Choices choices) {
    JsonNode changed = document.deepCopy();
    int changes = choices.below(4);
    for (int i = 0; i < changes; i++) {
      JsonMutation mutation = new JsonMutation(choices);
      mutation.collect(changed);
      if (!mutation.containers.isEmpty()) {
        mutation.change(choices.of(mutation.containers));
      }
    }
    return changed;
  }

  private void collect(JsonNode node) {
    all.add(node);
    if (node.isContainerNode() && !node.isEmpty()) {
      containers.add(node);
      node.forEach(this::collect);
    }
  }

  private void change(JsonNode container) {
    if (container instanceof ArrayNode array) {
      int place = choices.below(array.size());
      switch (choices.below(4)) {
        case 0 -> array.set(place, other(array.get(place)));
        case 1 -> array.remove(place);
        case 2 -> array.insert(place, array.get(place).deepCopy());
        default -> array.insert(choices.below(array.size()), array.remove(place));
      }
    } else if (container instanceof ObjectNode object) {
      List<String> keys = new ArrayList<>();
      object.fieldNames().forEachRemaining(keys::add);
      String key = choices.of(keys);
      switch (choices.below(4)) {
        case 0 -> object.set(key, other(object.get(key)));
        case 1 -> object.remove(key);
        case 2 -> object.set(choices.text(), object.get(key).deepCopy());
        default -> object.set(choices.text(), object.remove(key));
      }
    }
  }

  private JsonNode other(JsonNode value) {
    return switch (choices.below(8)) {
      case 0, 1 -> near(value);
      case 2 -> NODES.numberNode(choices.number());
      case 3 -> NODES.textNode(choices.text());
      case 4 -> choices.of(all).deepCopy();
      case 5 -> NODES.numberNode(choices.number() / 1024.0);
      case 6 -> choices.onceIn(2) ? NODES.nullNode() : NODES.booleanNode(choices.onceIn(2));
      default -> nested(value.deepCopy());
    };
  }

  private JsonNode near(JsonNode value) {
    if (value.isIntegralNumber()) {
      return NODES.numberNode(value.longValue() + (choices.onceIn(2) ? 1 : -1));
    }
    if (value.isNumber()) {
      return NODES.numberNode(value.doubleValue() / (2 + choices.below(8)));
    }
    if (value.isBoolean()) {
      return NODES.booleanNode(!value.booleanValue());
    }
    return value.isTextual() ? NODES.textNode(value.textValue() + choices.below(10)) : value;
  }

  private JsonNode nested(JsonNode value) {
    JsonNode outer = value;
    int depth = choices.onceIn(16) ? DEEPEST : 1;
    for (int i = 0; i < depth; i++) {
      outer = NODES.arrayNode().add(outer);
    }
    return outer;
  }
}
