package io.runledger.gateway.mlflow;

import java.util.Map;

/** A tag with a value, as one text: no key has an equals sign. */
final class TagText {

  private TagText() {}

  static String of(String key, String value) {
    return key + "=" + value;
  }

  static String key(String text) {
    int equals = text.indexOf('=');
    return equals < 0 ? text : text.substring(0, equals);
  }

  static void putInto(Map<String, String> tags, String text) {
    int equals = text.indexOf('=');
    tags.put(key(text), equals < 0 ? "" : text.substring(equals + 1));
  }
}
