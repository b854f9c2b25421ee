package io.runledger.postgres;

import io.runledger.rows.Refusals;
import java.sql.SQLException;

/** What errors of the server are about, by their SQLSTATE. */
enum PostgresRefusals implements Refusals {
  INSTANCE;

  /** A row or an entry of an index is longer than a page holds. */
  private static final String LIMIT_EXCEEDED = "54000";

  @Override
  public boolean isAboutTheData(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("22") || isConstraint(e) || state.equals(LIMIT_EXCEEDED);
  }

  @Override
  public boolean isConstraint(SQLException e) {
    return String.valueOf(e.getSQLState()).startsWith("23");
  }
}
