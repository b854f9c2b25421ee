package io.runledger.query.filter;

import java.util.LinkedHashMap;
import java.util.Map;

/** The parameters of a statement that is being written. Not thread-safe. */
public final class Bindings {

  private final Map<String, Object> values = new LinkedHashMap<>();
  private final String prefix;

  /**
   * @param prefix what the names of its parameters begin with, which other parts of the statement
   *     do not use
   */
  public Bindings(String prefix) {
    this.prefix = prefix;
  }

  /** Takes a value, and returns the parameter that stands for it in the statement. */
  public String bind(Object value) {
    String name = prefix + "_" + values.size();
    values.put(name, value);
    return ":" + name;
  }

  /** The values by their names, without the colon. */
  public Map<String, Object> values() {
    return Map.copyOf(values);
  }
}
