package io.runledger.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.runledger.config.Secrets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Writes what users hand over as JSON; whatever it is, it never fails. */
final class JsonText {

  private static final ObjectMapper JSON =
      new ObjectMapper()
          .configure(SerializationFeature.FAIL_ON_EMPTY_BEANS, false)
          .configure(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS, false);

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
    try {
      return parsed(plain(values));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      // Something in it has no JSON form: take each value by itself, that one as its text.
      ObjectNode texts = JSON.createObjectNode();
      values.forEach((key, value) -> texts.put(String.valueOf(key), String.valueOf(value)));
      return texts;
    }
  }

  private static JsonNode parsed(Object value) throws JsonProcessingException {
    return JSON.readTree(JSON.writeValueAsString(value));
  }

  /** Paths are texts to people, and URIs to Jackson. */
  private static Object plain(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> copy = new LinkedHashMap<>();
      map.forEach((key, inner) -> copy.put(String.valueOf(key), plain(inner)));
      return copy;
    }
    if (value instanceof Iterable<?> list && !(value instanceof Path)) {
      List<Object> copy = new ArrayList<>();
      list.forEach(inner -> copy.add(plain(inner)));
      return copy;
    }
    return value instanceof Path path ? path.toString() : value;
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
      array.forEach(inner -> mask(inner, secretKeys));
    }
  }
}
