package io.runledger.client;

import io.runledger.schemas.WellFormedText;
import io.runledger.spool.values.PlainValues;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The values of a log call, whatever map they came in. */
final class GivenMetrics {

  /** Maximum metrics of one call, because an iterator may never end. */
  private static final int MOST_METRICS = 1_000_000;

  private GivenMetrics() {}

  /**
   * The values that can be read. Never throws.
   *
   * @param ignored receives the reason, once for each value that cannot
   */
  static Map<String, Double> of(Map<String, ? extends Number> values, Consumer<String> ignored) {
    Map<String, Double> doubles = new HashMap<>();
    try {
      int looks = 0;
      for (Map.Entry<String, ? extends Number> value : values.entrySet()) {
        if (++looks > MOST_METRICS) {
          ignored.accept("more than a million metrics in a call");
          break;
        }
        put(value.getKey(), value.getValue(), doubles, ignored);
      }
    } catch (Throwable e) {
      ignored.accept(PlainValues.unreadable(e));
    }
    return doubles;
  }

  private static void put(
      String name, Number number, Map<String, Double> doubles, Consumer<String> ignored) {
    if (name == null || number == null) {
      ignored.accept("a null name or value");
      return;
    }
    try {
      doubles.put(WellFormedText.of(name), number.doubleValue());
    } catch (Throwable e) {
      ignored.accept(PlainValues.unreadable(e));
    }
  }
}
