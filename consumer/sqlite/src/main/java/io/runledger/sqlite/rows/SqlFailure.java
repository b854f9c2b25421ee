package io.runledger.sqlite.rows;

import io.runledger.fold.store.StoreFailure;
import java.sql.SQLException;

/** SQLite does not work now. Never leaves this module. */
final class SqlFailure extends StoreFailure {

  private static final long serialVersionUID = 1L;

  SqlFailure(SQLException cause) {
    super(cause);
  }

  @Override
  public synchronized SQLException getCause() {
    return (SQLException) super.getCause();
  }
}
