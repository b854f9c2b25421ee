package io.runledger.rows.canonical;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * The values of one row; ordered as the databases order them, as far as the natural keys need it.
 */
record CanonicalRow(List<Object> values) implements Comparable<CanonicalRow> {

  /** The first number that no long holds. */
  private static final double TWO_TO_63 = 0x1p63;

  /**
   * What a value of any store is compared as: a long, a double that is not whole, a text, or null.
   */
  static Object comparable(Object value) {
    if (value == null || value instanceof Long) {
      return value;
    }
    if (value instanceof byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }
    if (value instanceof Integer || value instanceof Short) {
      return ((Number) value).longValue();
    }
    return value instanceof Double real ? number(real) : value.toString();
  }

  private static Object number(double value) {
    if (Double.isNaN(value)) {
      return null;
    }
    long whole = (long) value;
    boolean isWhole = Double.compare((double) whole, value) == 0 && value < TWO_TO_63;
    return isWhole ? (Object) whole : (Object) value;
  }

  @Override
  public int compareTo(CanonicalRow other) {
    for (int i = 0; i < values.size(); i++) {
      int order = compare(values.get(i), other.values.get(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static int compare(Object a, Object b) {
    if (Objects.equals(a, b)) {
      return 0;
    }
    if (a == null || b == null) {
      return a == null ? -1 : 1;
    }
    if (a instanceof Number x && b instanceof Number y) {
      return a instanceof Long && b instanceof Long
          ? Long.compare(x.longValue(), y.longValue())
          : Double.compare(x.doubleValue(), y.doubleValue());
    }
    if (a instanceof Number || b instanceof Number) {
      return a instanceof Number ? -1 : 1;
    }
    // The databases compare UTF-8 bytes.
    return Arrays.compareUnsigned(
        a.toString().getBytes(StandardCharsets.UTF_8),
        b.toString().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
