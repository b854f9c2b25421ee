package io.runledger.query.connection;

import java.sql.Connection;
import java.sql.SQLException;

/** One statement of a user that can only read. */
public interface UserStatement {

  /** Runs it, and gives the rows away one by one for as long as they are wanted. */
  void run(Connection connection, SqlRows rows) throws SQLException;
}
