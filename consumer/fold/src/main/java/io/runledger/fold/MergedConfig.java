package io.runledger.fold;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * What several starts of one attempt say of its configuration, put together: objects key by key,
 * and of two values of one key the later start's.
 *
 * @param json the configuration
 * @param conflict whether two starts gave one key different values
 */
public record MergedConfig(String json, boolean conflict) {

  /** Keeps the digits of numbers as they are written. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** The configuration of one start. */
  public static MergedConfig of(String json) {
    return new MergedConfig(json, false);
  }

  /** With that of a later start over it. A value that is not an object replaces all before it. */
  public MergedConfig with(String later) {
    try {
      if (JSON.readTree(json) instanceof ObjectNode below
          && JSON.readTree(later) instanceof ObjectNode above) {
        boolean differs = putOver(below, above);
        return new MergedConfig(JSON.writeValueAsString(below), conflict || differs);
      }
    } catch (JsonProcessingException beyondOurParser) {
      // Such as a number of a thousand digits: it is kept as it is, and reported as a conflict.
    }
    return new MergedConfig(later, conflict || !later.equals(json));
  }

  private static boolean putOver(ObjectNode below, ObjectNode above) {
    boolean conflict = false;
    for (Map.Entry<String, JsonNode> entry : above.properties()) {
      JsonNode known = below.get(entry.getKey());
      JsonNode said = entry.getValue();
      if (known instanceof ObjectNode inner && said instanceof ObjectNode over) {
        conflict |= putOver(inner, over);
      } else {
        conflict |= known != null && !isSame(known, said);
        below.set(entry.getKey(), said);
      }
    }
    return conflict;
  }

  /** Who writes lines may know texts alone: "0.10" is the 0.1 of another start. */
  private static boolean isSame(JsonNode one, JsonNode other) {
    if (one.equals(other)
        || (isWord(one) && isWord(other) && one.asText().equals(other.asText()))) {
      return true;
    }
    return isWord(one) && isWord(other) && Double.compare(number(one), number(other)) == 0;
  }

  private static boolean isWord(JsonNode node) {
    return node.isValueNode() && !node.isNull();
  }

  /** NaN for what is none, and another NaN is none that is the same. */
  private static double number(JsonNode node) {
    try {
      return Double.parseDouble(node.asText());
    } catch (NumberFormatException notOne) {
      return Double.NaN;
    }
  }
}
