package io.runledger.rows;

import java.sql.SQLException;

/** What a database's errors are about. Thread-safe. */
public interface Refusals {

  /** Whether the database refuses what it was given, as opposed to not working now. */
  boolean isAboutTheData(SQLException e);

  /** Whether a constraint of a table or an index refuses a row. */
  boolean isConstraint(SQLException e);
}
