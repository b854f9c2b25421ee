package io.runledger.contract;

import io.runledger.fold.projection.Projection;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** A projection under test. */
public interface TestDatabase {

  /** Opens it for writing; creates it when it is not there. */
  Projection open();

  /** A separate connection, as users have one: what was committed can be read, and changed. */
  Connection connect() throws SQLException;

  /**
   * Compares it with another one of this store.
   *
   * @return a description of each table that the log determines and that differs
   */
  List<String> differencesFrom(TestDatabase other);

  /** Removes it; it must be closed. */
  void remove();
}
