package io.runledger.gateway.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A parameter's text as a value of the configuration: a number where that gives the same text back,
 * so that filters compare it as one.
 */
final class ParameterValue {

  private static final Pattern WHOLE = Pattern.compile("0|-?[1-9][0-9]{0,17}");
  private static final Pattern REAL = Pattern.compile("-?(?:0|[1-9][0-9]{0,6})\\.[0-9]{1,17}");

  private ParameterValue() {}

  static void put(ObjectNode config, String key, String text) {
    if (WHOLE.matcher(text).matches()) {
      config.put(key, Long.parseLong(text));
    } else if (REAL.matcher(text).matches()
        && Double.toString(Double.parseDouble(text)).equals(text)) {
      config.put(key, Double.parseDouble(text));
    } else {
      config.put(key, text);
    }
  }

  /** The texts that were put. */
  static Map<String, String> texts(JsonNode config) {
    Map<String, String> texts = new LinkedHashMap<>();
    config.properties().forEach(one -> texts.put(one.getKey(), one.getValue().asText()));
    return texts;
  }
}
