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
    return isOfTheTable(e) || state.equals(LIMIT_EXCEEDED);
  }

  /** A constraint, or a type that is too narrow. */
  @Override
  public boolean isOfTheTable(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("22") || state.startsWith("23");
  }
}
