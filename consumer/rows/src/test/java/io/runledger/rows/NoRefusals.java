package io.runledger.rows;

import java.sql.SQLException;

/** A database that refuses no data. */
final class NoRefusals implements Refusals {

  @Override
  public boolean isAboutTheData(SQLException e) {
    return false;
  }

  @Override
  public boolean isOfTheTable(SQLException e) {
    return false;
  }
}
