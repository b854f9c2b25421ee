package io.runledger.spool.values;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * How many bytes of UTF-8 the nodes of a tree take as compact JSON, each measured once however
 * often its parents are: a tree is as much work as it is long, whatever its depth. The nodes must
 * not change meanwhile. Not thread-safe.
 */
final class JsonSizes {

  private final IdentityHashMap<JsonNode, Integer> known = new IdentityHashMap<>();

  /** The bytes of one node with all that is below it. */
  int of(JsonNode node) {
    Integer size = known.get(node);
    if (size == null) {
      size = measure(node);
      known.put(node, size);
    }
    return size;
  }

  private int measure(JsonNode node) {
    if (node instanceof ObjectNode object) {
      int size = 2 + Math.max(0, object.size() - 1);
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        size += ofText(entry.getKey()) + 1 + of(entry.getValue());
      }
      return size;
    }
    if (node instanceof ArrayNode array) {
      int size = 2 + Math.max(0, array.size() - 1);
      for (JsonNode each : array) {
        size += of(each);
      }
      return size;
    }
    return bytes(node.toString());
  }

  /** The bytes of a text with its quotes and escapes. */
  static int ofText(String text) {
    return bytes(JsonNodeFactory.instance.textNode(text).toString());
  }

  static int bytes(String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // each half of a surrogate pair counts for two of its four bytes
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }
}
