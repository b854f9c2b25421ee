package io.runledger.rows;

import io.runledger.fold.store.StoreFailure;
import java.sql.SQLException;

/** The database does not work now. Never leaves a store. */
public final class SqlFailure extends StoreFailure {

  private static final long serialVersionUID = 1L;

  public SqlFailure(SQLException cause) {
    super(cause);
  }

  @Override
  public synchronized SQLException getCause() {
    return (SQLException) super.getCause();
  }
}
