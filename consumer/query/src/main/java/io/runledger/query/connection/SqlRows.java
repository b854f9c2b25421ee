package io.runledger.query.connection;

import java.util.List;
import java.util.Optional;

/** Takes the answer to a statement of a user, row by row. */
public interface SqlRows {

  /** The names of the columns, before any row. */
  void columns(List<String> names);

  /**
   * One row: an INTEGER as a Long, a REAL as a Double, a TEXT, and a BLOB as hexadecimal, as a
   * String, NULL as empty.
   *
   * @return whether more rows are wanted
   */
  boolean row(List<Optional<Object>> cells);
}
