package io.runledger.agent;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A configuration value as typed on a command line. What is a number, true or false in JSON is one
 * here too, so that it equals the value that a script sets; all else is a text.
 */
final class ConfigValue {

  private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9][0-9]{0,17})");
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,17})?([eE][+-]?[0-9]{1,3})?");

  private ConfigValue() {}

  static Map<String, Object> all(Map<String, String> typed) {
    Map<String, Object> values = new LinkedHashMap<>();
    typed.forEach((key, text) -> values.put(key, of(text)));
    return values;
  }

  static Object of(String text) {
    if (text.equals("true") || text.equals("false")) {
      return Boolean.valueOf(text);
    }
    if (WHOLE.matcher(text).matches()) {
      return new BigInteger(text).longValueExact();
    }
    if (NUMBER.matcher(text).matches()) {
      double value = new BigDecimal(text).doubleValue();
      return Double.isFinite(value) ? value : text;
    }
    return text;
  }
}
