package io.runledger.schemas;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/**
 * The metrics of one log call: a map that keeps its numbers as numbers, and its names in a list
 * that calls with the same names share. Immutable.
 */
public final class MetricValues extends AbstractMap<String, Double> {

  private final List<String> names;
  private final double[] values;

  /**
   * @param names distinct names; kept as it is, so that whoever keeps it too can tell that two
   *     calls have the same names by comparing references
   * @param values the value of each, as many
   * @throws IllegalArgumentException when there are not as many, or a name comes twice
   */
  public MetricValues(List<String> names, double... values) {
    this(names, values.clone(), true);
  }

  private MetricValues(List<String> names, double[] values, boolean check) {
    if (names.size() != values.length) {
      throw new IllegalArgumentException(
          "%d names and %d values.".formatted(names.size(), values.length));
    }
    if (check && new HashSet<>(names).size() < names.size()) {
      throw new IllegalArgumentException("A name appears twice in " + names + ".");
    }
    this.names = names;
    this.values = values;
  }

  /** As the constructor, for a list whose names are known to be distinct; takes the array over. */
  public static MetricValues ofDistinct(List<String> names, double[] values) {
    return new MetricValues(names, values, false);
  }

  /** The same metrics in this form. */
  public static MetricValues of(Map<String, Double> metrics) {
    if (metrics instanceof MetricValues already) {
      return already;
    }
    return new MetricValues(
        List.copyOf(metrics.keySet()),
        metrics.values().stream().mapToDouble(Double::doubleValue).toArray(),
        false);
  }

  /** The names; two calls that share them share the list. */
  public List<String> names() {
    return names;
  }

  /** The value of the name at this index. */
  public double value(int index) {
    return values[index];
  }

  @Override
  public int size() {
    return values.length;
  }

  @Override
  public boolean containsKey(Object name) {
    return names.contains(name);
  }

  /** The value of a name, null when it is not there. */
  @Override
  public Double get(Object name) {
    int index = names.indexOf(name);
    return index < 0 ? null : values[index];
  }

  @Override
  public Set<Map.Entry<String, Double>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Map.Entry<String, Double>> iterator() {
        return new Entries();
      }

      @Override
      public int size() {
        return values.length;
      }
    };
  }

  private final class Entries implements Iterator<Map.Entry<String, Double>> {
    private int next;

    @Override
    public boolean hasNext() {
      return next < values.length;
    }

    @Override
    public Map.Entry<String, Double> next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Map.Entry<String, Double> entry = Map.entry(names.get(next), values[next]);
      next++;
      return entry;
    }
  }
}
