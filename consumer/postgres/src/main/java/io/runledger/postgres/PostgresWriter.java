package io.runledger.postgres;

import io.runledger.postgres.connection.Failures;
import io.runledger.postgres.schema.ForeignObjects;
import io.runledger.postgres.schema.Generation;
import io.runledger.rows.WriterConnection;
import java.sql.Connection;
import java.sql.SQLException;

/** The session that writes a generation. Not thread-safe. */
final class PostgresWriter implements WriterConnection {

  private final Connection connection;
  private final Generation generation;
  private final ForeignObjects foreign;

  PostgresWriter(Connection connection, Generation generation) throws SQLException {
    this.connection = connection;
    this.generation = generation;
    foreign = new ForeignObjects(connection, generation);
  }

  @Override
  public Connection connection() {
    return connection;
  }

  /** The driver sends BEGIN with the first statement, which saves a round trip. */
  @Override
  public void begin() throws SQLException {
    connection.setAutoCommit(false);
  }

  @Override
  public void commit() throws SQLException {
    connection.commit();
    connection.setAutoCommit(true);
  }

  @Override
  public void rollBack() throws SQLException {
    if (!connection.isClosed() && !connection.getAutoCommit()) {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  @Override
  public void refuseForeignObjects() throws SQLException {
    foreign.refuse();
  }

  @Override
  public void refuseChangedTables(SQLException refusal) throws SQLException {
    foreign.refuseChangedTables(refusal);
  }

  @Override
  public RuntimeException failure(String what, SQLException cause) {
    return Failures.of(generation, what, cause);
  }
}
