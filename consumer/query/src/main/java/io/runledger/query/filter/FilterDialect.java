package io.runledger.query.filter;

import io.runledger.query.filter.Filter.Compared;
import io.runledger.query.filter.Filter.Missing;

/**
 * How the SQL of a store asks one test of a run. Each answer is an expression over the run's row,
 * with parameters in place of all that a user wrote; null counts as false.
 */
public interface FilterDialect {

  /** Whether there is no such value. */
  String missing(Missing test, Bindings bindings);

  /** Whether a value of the run compares so. */
  String compared(Compared test, Bindings bindings);

  /**
   * What runs are put in order by, as {@link Order} says: a number or a text, null where there is
   * none and for NaN. Of a field that {@link #hasTextKey} it is the number alone.
   */
  String key(Field field, Bindings bindings);

  /**
   * Whether the field has numbers and texts, which this store cannot have in one column. Numbers
   * come before texts.
   */
  boolean hasTextKey(Field field);

  /** The key of a field that {@link #hasTextKey}, where it is a text; null for all else. */
  String textKey(Field field, Bindings bindings);

  /** A value as a parameter of a statement, or as the key of an order. */
  Object parameter(Value value);
}
