package io.runledger.spool.values;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Copies what users hand over into maps, lists, texts, numbers and booleans, which are safe to use.
 * Whatever the users' objects do, throw, iterate for ever or contain themselves, the copy ends and
 * says in their place what could not be read.
 */
public final class PlainValues {

  /** Deeper than any configuration; a map that contains itself ends here. */
  private static final int DEEPEST = 50;

  /** More than any configuration has, all in all. */
  private static final int MOST = 500_000;

  /** A list without an end ends here, and leaves room for what is next to it. */
  private static final int MOST_IN_ONE = 250_000;

  private int left = MOST;

  private PlainValues() {}

  /** A copy of a map; empty for null. */
  public static Map<String, Object> of(Map<?, ?> values) {
    return values == null ? Map.of() : new PlainValues().map(values, 0);
  }

  /** The texts of a list that can be read; none for null. */
  public static List<String> texts(Iterable<?> values) {
    List<String> texts = new ArrayList<>();
    if (values != null) {
      for (Object each : new PlainValues().list(values, 0)) {
        if (each != null) {
          texts.add(each.toString());
        }
      }
    }
    return texts;
  }

  /** What a user's object returns; where it throws, a text that says so. */
  public static String text(Callable<String> question) {
    try {
      return String.valueOf(question.call());
    } catch (Throwable e) {
      return unreadable(e);
    }
  }

  /** By its class alone: what was thrown is the user's, too, and its message may throw again. */
  public static String unreadable(Throwable e) {
    return "(cannot be read: " + e.getClass().getName() + ")";
  }

  private Object plain(Object value, int depth) {
    if (depth > DEEPEST) {
      return "(nested too deeply)";
    }
    if (value == null || value instanceof String || value instanceof Boolean) {
      return value;
    }
    if (value instanceof Number number) {
      return number(number);
    }
    if (value instanceof Map<?, ?> map) {
      return map(map, depth);
    }
    // A path is iterable, and a text to people.
    if (value instanceof Iterable<?> list && !(value instanceof Path)) {
      return list(list, depth);
    }
    if (value.getClass().isArray() && !(value instanceof byte[])) {
      return array(value, depth);
    }
    return value instanceof byte[] bytes
        ? Base64.getEncoder().encodeToString(bytes)
        : text(value::toString);
  }

  private Map<String, Object> map(Map<?, ?> map, int depth) {
    Map<String, Object> copy = new LinkedHashMap<>();
    Map<String, Integer> again = new HashMap<>();
    try {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (--left < 0) {
          copy.put("...", "(too many values)");
          break;
        }
        String key = text(() -> String.valueOf(entry.getKey()));
        copy.put(free(key, copy, again), plain(entry.getValue(), depth + 1));
      }
    } catch (Throwable e) {
      copy.put("...", unreadable(e));
    }
    return copy;
  }

  /**
   * The name, with a number in front where keys such as 1 and "1" have the same text. In front,
   * because the last word of a name says whether it is a secret.
   */
  private static String free(String name, Map<String, Object> taken, Map<String, Integer> again) {
    String free = name;
    while (taken.containsKey(free)) {
      free = "(" + again.merge(name, 2, (many, two) -> many + 1) + ") " + name;
    }
    return free;
  }

  private List<Object> list(Iterable<?> list, int depth) {
    List<Object> copy = new ArrayList<>();
    try {
      for (Object each : list) {
        if (--left < 0 || copy.size() >= MOST_IN_ONE) {
          copy.add("(too many values)");
          break;
        }
        copy.add(plain(each, depth + 1));
      }
    } catch (Throwable e) {
      copy.add(unreadable(e));
    }
    return copy;
  }

  private List<Object> array(Object array, int depth) {
    List<Object> copy = new ArrayList<>();
    int length = Array.getLength(array);
    for (int i = 0; i < length; i++) {
      if (--left < 0 || i >= MOST_IN_ONE) {
        copy.add("(too many values)");
        break;
      }
      copy.add(plain(Array.get(array, i), depth + 1));
    }
    return copy;
  }

  /** Unchanged where its class is Java's own; a user's number as its double value. */
  private static Object number(Number number) {
    if (number instanceof AtomicInteger || number instanceof AtomicLong) {
      return number.longValue();
    }
    if (number instanceof Integer
        || number instanceof Long
        || number instanceof Short
        || number instanceof Byte
        || number instanceof Double
        || number instanceof Float
        || number.getClass() == BigInteger.class
        || number.getClass() == BigDecimal.class) {
      return number;
    }
    try {
      return number.doubleValue();
    } catch (Throwable e) {
      return unreadable(e);
    }
  }
}
