package io.runledger.rows;

import java.sql.SQLException;

/** What a database's errors are about. Thread-safe. */
public interface Refusals {

  /** Whether the database refuses what it was given, as opposed to not working now. */
  boolean isAboutTheData(SQLException e);

  /**
   * Whether a table is why a row is refused: it would not be by one that we made, if somebody
   * changed its columns or constraints.
   */
  boolean isOfTheTable(SQLException e);
}
