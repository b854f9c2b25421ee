package io.runledger.postgres;

import io.runledger.config.NotFoundException;
import io.runledger.fold.projection.ProjectionUnreadableException;
import io.runledger.fold.store.RefusedDataException;
import io.runledger.fold.store.StoreFailure;
import io.runledger.postgres.connection.Failures;
import io.runledger.postgres.connection.LedgerUrl;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import io.runledger.postgres.schema.Generation;
import io.runledger.postgres.schema.Generations;
import io.runledger.rows.RowReader;
import io.runledger.rows.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;

/**
 * The generation that was in use when it was opened, for reading only, alongside its writer. Not
 * thread-safe.
 */
final class PostgresReader extends RowReader {

  private final String name;
  private final Connection connection;
  private final Statements statements;

  PostgresReader(String name, Connection connection) {
    this(name, connection, new Statements(connection, PostgresRefusals.INSTANCE));
  }

  private PostgresReader(String name, Connection connection, Statements statements) {
    super(statements);
    this.name = name;
    this.connection = connection;
    this.statements = statements;
  }

  /** Opens the generation in use, which must exist. */
  static PostgresReader open(LedgerUrl ledger) {
    try {
      Connection connection = ledger.open(Purpose.READ);
      try {
        Generation generation = current(ledger, connection);
        Sql.execute(connection, "SET search_path TO " + generation.schema());
        return new PostgresReader(generation.toString(), connection);
      } catch (SQLException | RuntimeException e) {
        Sql.close(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw new ProjectionUnreadableException(
          "The database %s cannot be opened: %s.".formatted(ledger, Failures.reason(e)), e);
    }
  }

  static Generation current(LedgerUrl ledger, Connection connection) throws SQLException {
    return new Generations(ledger, connection)
        .current()
        .orElseThrow(
            () ->
                new NotFoundException(
                    "There is no ledger at %s; 'runledger consume' creates it.".formatted(ledger)));
  }

  @Override
  public int schemaVersion() {
    return (int)
        number(
            "SELECT coalesce(max(version::integer), 0) FROM flyway_schema_history WHERE success AND version IS NOT NULL");
  }

  /** The number that a query finds. */
  long number(String sql) {
    return read(() -> statements.first(sql, row -> row.getLong(1)).orElseThrow());
  }

  @Override
  protected <T> T read(Supplier<T> work) {
    try {
      return work.get();
    } catch (StoreFailure | RefusedDataException e) {
      throw failed((SQLException) e.getCause());
    }
  }

  private ProjectionUnreadableException failed(SQLException e) {
    if (Failures.isDamage(e) || Failures.isMissing(e)) {
      return new ProjectionUnreadableException(Failures.damaged(name, Failures.reason(e)), e);
    }
    return new ProjectionUnreadableException(
        "The database %s cannot be read: %s.".formatted(name, Failures.reason(e)), e);
  }

  @Override
  public void close() {
    try {
      statements.close();
      connection.close();
    } catch (SQLException e) {
      throw failed(e);
    }
  }
}
