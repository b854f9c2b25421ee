package io.runledger.query.filter;

import java.time.Clock;
import java.util.List;

/**
 * Which runs are meant, as a tree. Each test of a run is true or false, never unknown: a value that
 * is not there equals nothing, contains nothing and is in no order, so {@code not} is always the
 * opposite.
 */
public sealed interface Filter {

  /** The filter that every run passes. */
  Filter EVERY_RUN = new And(List.of());

  /** All parts hold; true of none. */
  record And(List<Filter> parts) implements Filter {
    public And {
      parts = List.copyOf(parts);
    }
  }

  /** At least one part holds; false of none. */
  record Or(List<Filter> parts) implements Filter {
    public Or {
      parts = List.copyOf(parts);
    }
  }

  /** The part does not hold. */
  record Not(Filter part) implements Filter {}

  /** There is no such value: the key, metric or fact is not there, or is null. */
  record Missing(Field field) implements Filter {}

  /** There is such a value, and it compares so. Where a run has several, one of them does. */
  record Compared(Field field, Operator operator, Value value) implements Filter {}

  /**
   * Reads a filter; {@code deploy/docs/filters.md} has the grammar. An empty or blank one is passed
   * by every run.
   *
   * @param clock what {@code started > 2d} counts from
   * @throws FilterSyntaxException when it cannot be read, with the place
   */
  static Filter parse(String text, Clock clock) {
    return new FilterParser(text, clock).parse();
  }

  /** The same, counting from now. */
  static Filter parse(String text) {
    return parse(text, Clock.systemUTC());
  }
}
