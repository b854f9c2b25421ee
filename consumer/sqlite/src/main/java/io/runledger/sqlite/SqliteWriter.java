package io.runledger.sqlite;

import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.rows.WriterConnection;
import io.runledger.sqlite.file.Damage;
import io.runledger.sqlite.file.Database;
import io.runledger.sqlite.file.ForeignObjects;
import io.runledger.sqlite.file.Generation;
import java.sql.Connection;
import java.sql.SQLException;

/** The connection that writes a file. Not thread-safe. */
final class SqliteWriter implements WriterConnection {

  private final Connection connection;
  private final Generation generation;
  private final ForeignObjects foreign;

  SqliteWriter(Connection connection, Generation generation) {
    this.connection = connection;
    this.generation = generation;
    foreign = new ForeignObjects(connection, generation);
  }

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public void begin() throws SQLException {
    // Not deferred: a reading transaction that wants to write later is refused at once when
    // somebody wrote meanwhile, whatever the busy timeout.
    Database.execute(connection, "BEGIN IMMEDIATE");
  }

  @Override
  public void commit() throws SQLException {
    Database.execute(connection, "COMMIT");
  }

  @Override
  public void rollBack() throws SQLException {
    Database.execute(connection, "ROLLBACK");
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
    if (Damage.isCauseOf(cause)) {
      return Damage.found(generation.database(), generation.file(), cause);
    }
    return new ProjectionUnavailableException(
        "The database %s cannot %s: %s.".formatted(generation.file(), what, cause.getMessage()),
        cause);
  }
}
