package io.runledger.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Secrets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Writes what users hand over as JSON; whatever it is, it never fails. */
final class JsonText {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Deeper than any configuration; a map that holds itself ends here. */
  private static final int DEEPEST = 50;

  private JsonText() {}

  /** One JSON object. NaN and infinities stand as the texts NaN, Infinity and -Infinity. */
  static String of(Map<String, ?> values) {
    return node(values).toString();
  }

  /** The same, with the values hidden whose keys match {@code secretKeys}, at any depth. */
  static String masked(Map<String, ?> values, Pattern secretKeys) {
    JsonNode node = node(values);
    mask(node, secretKeys);
    return node.toString();
  }

  private static JsonNode node(Map<String, ?> values) {
    return tree(values, 0);
  }

  private static JsonNode tree(Object value, int depth) {
    JsonNodeFactory nodes = JSON.getNodeFactory();
    if (depth > DEEPEST) {
      return nodes.textNode("(nested too deeply)");
    }
    if (value == null) {
      return nodes.nullNode();
    }
    if (value instanceof Map<?, ?> map) {
      ObjectNode object = nodes.objectNode();
      map.forEach((key, inner) -> object.set(String.valueOf(key), tree(inner, depth + 1)));
      return object;
    }
    // A path is iterable, and a text to people.
    if (value instanceof Iterable<?> list && !(value instanceof Path)) {
      ArrayNode array = nodes.arrayNode();
      list.forEach(inner -> array.add(tree(inner, depth + 1)));
      return array;
    }
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      return Double.isFinite(number)
          ? nodes.numberNode(number)
          : nodes.textNode(Double.toString(number));
    }
    if (value instanceof Number || value instanceof Boolean || value.getClass().isArray()) {
      return JSON.valueToTree(value);
    }
    return nodes.textNode(value.toString());
  }

  private static void mask(JsonNode node, Pattern secretKeys) {
    if (node instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : List.copyOf(object.properties())) {
        if (secretKeys.matcher(field.getKey()).matches()) {
          object.put(field.getKey(), Secrets.MASK);
        } else if (field.getValue().isTextual()) {
          object.put(field.getKey(), Secrets.maskedUrl(field.getValue().asText()));
        } else {
          mask(field.getValue(), secretKeys);
        }
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        if (array.get(i).isTextual()) {
          array.set(i, Secrets.maskedUrl(array.get(i).asText()));
        } else {
          mask(array.get(i), secretKeys);
        }
      }
    }
  }
}
