package io.runledger.spool.values;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Cuts a log call of very many metrics into calls that a record can hold. */
public final class WideCall {

  /** Names have at most some thousand characters: this few fit in any case. */
  private static final int FEW = 20;

  /**
   * Bytes of one part. Not a setting: the numbers of later events in a file depend on it, and every
   * sender must arrive at the same ones.
   */
  private static final int PART_BYTES = 200_000;

  /** A double, the length of the name. */
  private static final int VALUE_BYTES = 11;

  private WideCall() {}

  /** The values in one map or several, in the order of their names; no map for no values. */
  public static List<Map<String, Double>> split(Map<String, Double> values) {
    if (values.size() <= FEW || bytes(values) <= PART_BYTES) {
      return values.isEmpty() ? List.of() : List.of(values);
    }
    List<Map<String, Double>> parts = new ArrayList<>();
    Map<String, Double> part = new TreeMap<>();
    long size = 0;
    for (Map.Entry<String, Double> value : new TreeMap<>(values).entrySet()) {
      int bytes = bytes(value.getKey());
      if (size + bytes > PART_BYTES && !part.isEmpty()) {
        parts.add(part);
        part = new TreeMap<>();
        size = 0;
      }
      part.put(value.getKey(), value.getValue());
      size += bytes;
    }
    parts.add(part);
    return parts;
  }

  private static long bytes(Map<String, Double> values) {
    long bytes = 0;
    for (String name : values.keySet()) {
      bytes += bytes(name);
    }
    return bytes;
  }

  /**
   * An upper bound: a character of a name takes three bytes of UTF-8, or four for a surrogate pair.
   */
  private static int bytes(String name) {
    return 3 * name.length() + VALUE_BYTES;
  }
}
