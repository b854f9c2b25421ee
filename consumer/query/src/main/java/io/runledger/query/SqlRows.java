package io.runledger.query;

import java.util.List;
import java.util.Optional;

/** Takes the answer to a statement of a user, row by row. */
public interface SqlRows {

  /** The names of the columns, before any row. */
  void columns(List<String> names);

  /**
   * One row: a REAL with all its digits, a BLOB as hexadecimal, NULL as empty.
   *
   * @return whether more rows are wanted
   */
  boolean row(List<Optional<String>> cells);
}
