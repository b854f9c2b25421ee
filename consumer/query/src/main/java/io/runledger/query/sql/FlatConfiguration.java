package io.runledger.query.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A configuration as a map from path to value: {@code model.n_layers}, {@code optimizer.betas[0]}.
 * A name with characters other than letters, digits, _ and - is put in brackets: {@code ["a.b"]}.
 */
public final class FlatConfiguration {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final Pattern PLAIN_NAME = Pattern.compile("[\\p{L}\\p{N}_-]+");

  /** Of a configuration that is not JSON, enough to distinguish it from others. */
  private static final int SHOWN = 60;

  private FlatConfiguration() {}

  /** JSON of each value by its path; empty for a configuration that is absent or has no entry. */
  public static SortedMap<String, String> of(Optional<String> config) {
    SortedMap<String, String> flat = new TreeMap<>();
    if (config.isPresent()) {
      try {
        flatten("", JSON.readTree(config.get()), flat);
      } catch (JsonProcessingException e) {
        // A configuration above the size limit was truncated by the job and is no longer JSON; it
        // is
        // compared as a text, and the comparison shows that.
        String text = config.get();
        flat.put(
            "(cut configuration)",
            text.length() <= SHOWN
                ? text
                : text.substring(0, SHOWN) + "... " + Integer.toHexString(text.hashCode()));
      }
    }
    return flat;
  }

  private static void flatten(String path, JsonNode node, SortedMap<String, String> flat) {
    if (node.isObject() && !node.isEmpty()) {
      node.properties()
          .forEach(entry -> flatten(named(path, entry.getKey()), entry.getValue(), flat));
    } else if (node.isArray() && !node.isEmpty()) {
      for (int i = 0; i < node.size(); i++) {
        flatten(path + "[" + i + "]", node.get(i), flat);
      }
    } else if (!path.isEmpty() || !node.isObject()) {
      flat.put(path.isEmpty() ? "." : path, node.toString());
    }
  }

  private static String named(String path, String name) {
    if (!PLAIN_NAME.matcher(name).matches()) {
      return path + "[" + JSON.getNodeFactory().textNode(name) + "]";
    }
    return path.isEmpty() ? name : path + "." + name;
  }
}
