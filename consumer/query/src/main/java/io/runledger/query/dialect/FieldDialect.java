package io.runledger.query.dialect;

import io.runledger.query.filter.Bindings;
import io.runledger.query.filter.Field;
import io.runledger.query.filter.FilterDialect;

/** How a store is asked for fields: in tests, in orders, and for their values. */
public interface FieldDialect extends FilterDialect {

  /** The value as {@link FieldValues} reads it; null where there is none. */
  String value(Field field, Bindings bindings);
}
