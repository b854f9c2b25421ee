package io.runledger.spool.values;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.MaskedJson;
import io.runledger.config.Secrets;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** Writes what users hand over as JSON, and never fails, whatever it is. */
public final class JsonText {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int LONGEST_NAME = 10_000;

  /** About 900 digits; readers take a thousand. */
  private static final int MOST_BITS = 3_000;

  private JsonText() {}

  /** One JSON object. NaN and infinities are the texts NaN, Infinity and -Infinity. */
  static String of(Map<String, ?> values) {
    return tree(values).toString();
  }

  /** The same, without secrets. */
  public static String masked(Map<String, ?> values, Secrets secrets) {
    return MaskedJson.of(tree(values), secrets).tree().toString();
  }

  static JsonNode tree(Map<String, ?> values) {
    return node(PlainValues.of(values));
  }

  private static JsonNode node(Object value) {
    JsonNodeFactory nodes = JSON.getNodeFactory();
    if (value == null) {
      return nodes.nullNode();
    }
    if (value instanceof Map<?, ?> map) {
      ObjectNode object = nodes.objectNode();
      map.forEach((key, inner) -> object.set(name(String.valueOf(key)), node(inner)));
      return object;
    }
    if (value instanceof List<?> list) {
      ArrayNode array = nodes.arrayNode();
      list.forEach(inner -> array.add(node(inner)));
      return array;
    }
    if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      return Double.isFinite(number)
          ? nodes.numberNode(number)
          : nodes.textNode(Double.toString(number));
    }
    if (value instanceof BigInteger whole && whole.bitLength() > MOST_BITS) {
      return nodes.textNode("(a whole number of " + whole.bitLength() + " bits)");
    }
    if (value instanceof Number || value instanceof Boolean) {
      return JSON.valueToTree(value);
    }
    return nodes.textNode(value.toString());
  }

  /** Readers take names of at most 50,000 characters. */
  public static String name(String name) {
    return name.length() <= LONGEST_NAME
        ? name
        : name.substring(0, LONGEST_NAME) + "... " + (name.length() - LONGEST_NAME) + " cut ...";
  }
}
