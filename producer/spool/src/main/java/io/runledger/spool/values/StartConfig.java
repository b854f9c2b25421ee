package io.runledger.spool.values;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.runledger.config.MaskedJson;
import io.runledger.config.Secrets;
import io.runledger.schemas.Sha256;
import io.runledger.schemas.WellFormedText;
import io.runledger.schemas.event.RunStarted;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A configuration as it is stored: without its secrets, and no longer than a limit. If it is too
 * long, the small values stay and the large ones are cut, so that {@code lr} can be read next to a
 * vocabulary; the text is JSON, whatever was cut.
 *
 * @param json the text
 * @param truncatedBytes UTF-8 bytes by which it is shorter than the whole; 0 when it is whole
 * @param sha256 hash of the whole text, in hex; empty when it is whole
 * @param maskedKeys where secrets were
 */
public record StartConfig(
    String json, long truncatedBytes, Optional<String> sha256, List<String> maskedKeys) {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Bytes that an entry takes next to its name and its value: quotes, colon, comma. */
  private static final int ENTRY_BYTES = 4;

  /** The size of a number or a word, which stays as long as there is room at all. */
  private static final int SMALL = 64;

  /** What is left of a value that is cut away says how large it was. */
  private static final int MARK_BYTES = 40;

  /**
   * What is stored of a tree, which this call changes.
   *
   * @param tree an object
   */
  public static StartConfig of(JsonNode tree, Secrets secrets, int maxBytes) {
    MaskedJson masked = MaskedJson.of(tree, secrets);
    String whole = WellFormedText.of(masked.tree().toString());
    byte[] utf8 = whole.getBytes(StandardCharsets.UTF_8);
    if (utf8.length <= maxBytes) {
      return new StartConfig(whole, 0, Optional.empty(), masked.keys());
    }
    String cut = WellFormedText.of(fit(masked.tree(), maxBytes, new JsonSizes()).toString());
    return new StartConfig(
        cut,
        utf8.length - (long) JsonSizes.bytes(cut),
        Optional.of(Sha256.hex(utf8)),
        masked.keys());
  }

  /** What is stored of a map with any values. */
  public static StartConfig of(Map<String, ?> values, Secrets secrets, int maxBytes) {
    return of(JsonText.tree(values), secrets, maxBytes);
  }

  /** The same, with what its writer reported: it may have been cut and masked before. */
  public StartConfig and(long cutBytes, Optional<String> wholeSha256, List<String> maskedBefore) {
    return new StartConfig(
        json,
        truncatedBytes + Math.min(cutBytes, Long.MAX_VALUE - truncatedBytes),
        wholeSha256.or(() -> sha256),
        Stream.concat(maskedBefore.stream(), maskedKeys.stream()).distinct().toList());
  }

  public void putInto(RunStarted.Builder event) {
    event
        .setConfig(json)
        .setConfigTruncatedBytes(truncatedBytes)
        .setConfigSha256(sha256.orElse(null))
        .setMaskedKeys(maskedKeys);
  }

  /** As much of a value as this many bytes of JSON can hold. */
  private static JsonNode fit(JsonNode value, int budget, JsonSizes sizes) {
    int size = sizes.of(value);
    if (size <= budget) {
      return value;
    }
    if (value instanceof ObjectNode object) {
      return fitted(object, budget, sizes);
    }
    if (value instanceof ArrayNode array) {
      return fitted(array, size, budget, sizes);
    }
    String text = value.asText();
    return budget < 2 * MARK_BYTES ? mark(size) : shortened(text, budget);
  }

  /** Small values keep their size, and large ones share what is left. */
  private static ObjectNode fitted(ObjectNode object, int budget, JsonSizes sizes) {
    List<String> bySize = new ArrayList<>();
    object.fieldNames().forEachRemaining(bySize::add);
    bySize.sort(Comparator.comparing(name -> sizes.of(object.get(name))));
    Map<String, JsonNode> kept = new HashMap<>();
    int left = budget - 2 - MARK_BYTES;
    for (int i = 0; i < bySize.size(); i++) {
      String name = bySize.get(i);
      int label = JsonSizes.ofText(name) + ENTRY_BYTES;
      int share = left / (bySize.size() - i) - label;
      int size = sizes.of(object.get(name));
      boolean small = object.get(name).isValueNode() && size <= SMALL && label + size <= left;
      JsonNode fitting = small || size <= share ? object.get(name) : null;
      if (fitting == null && share >= MARK_BYTES) {
        fitting = fit(object.get(name), share, sizes);
      }
      if (fitting != null) {
        kept.put(name, fitting);
        left -= label + sizes.of(fitting);
      }
    }
    ObjectNode cut = NODES.objectNode();
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (kept.containsKey(name)) {
                cut.set(name, kept.get(name));
              }
            });
    if (kept.size() < object.size()) {
      cut.put("(cut)", (object.size() - kept.size()) + " entries");
    }
    return cut;
  }

  /** The beginning of a list. */
  private static JsonNode fitted(ArrayNode array, int size, int budget, JsonSizes sizes) {
    ArrayNode cut = NODES.arrayNode();
    int left = budget - 2 - MARK_BYTES;
    int kept = 2;
    for (JsonNode each : array) {
      int next = sizes.of(each) + 1;
      if (next > left) {
        break;
      }
      cut.add(each);
      left -= next;
      kept += next;
    }
    return cut.isEmpty() ? mark(size) : cut.add(mark(size - kept));
  }

  private static TextNode mark(int bytes) {
    return NODES.textNode("... " + bytes + " bytes cut ...");
  }

  /** Escapes count: where there are many, less of the text is kept. */
  private static TextNode shortened(String text, int budget) {
    for (int limit = budget - MARK_BYTES; limit > 0; limit /= 2) {
      TextNode cut = NODES.textNode(Truncated.middle(text, limit).text());
      if (JsonSizes.bytes(cut.toString()) <= budget) {
        return cut;
      }
    }
    return mark(text.length());
  }
}
