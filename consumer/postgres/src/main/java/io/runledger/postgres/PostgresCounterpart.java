package io.runledger.postgres;

import io.runledger.fold.projection.Counterpart;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionReader;
import io.runledger.fold.projection.TableComparison;
import io.runledger.postgres.connection.AdvisoryLock;
import io.runledger.postgres.connection.Failures;
import io.runledger.postgres.connection.LedgerUrl;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import io.runledger.postgres.schema.Generation;
import io.runledger.postgres.schema.Generations;
import io.runledger.rows.canonical.CanonicalForm;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Two schemas next to a ledger: a copy of its tables, and a generation to compare with them. The
 * copy is made in one snapshot. It costs the room of the tables without their indexes; holding the
 * snapshot instead, for as long as the replay takes, would keep the server from clearing away what
 * the live writer replaces meanwhile.
 */
final class PostgresCounterpart implements Counterpart {

  private final LedgerUrl ledger;
  private final Connection connection;
  private final Generations generations;
  private final Generation other;
  private final String copy;

  private PostgresCounterpart(LedgerUrl ledger, Connection connection) throws SQLException {
    this.ledger = ledger;
    this.connection = connection;
    Generation live = PostgresReader.current(ledger, connection);
    LedgerUrl apart = ledger.besides("verify");
    generations = new Generations(apart, connection);
    copy = apart.base() + "_copy";
    clear();
    copy(live);
    other = generations.create();
  }

  static PostgresCounterpart of(LedgerUrl ledger) {
    try {
      Connection connection = ledger.open(Purpose.FILL);
      try {
        if (!AdvisoryLock.VERIFY.tryTake(connection, ledger)) {
          throw Failures.of(
              ledger,
              "be verified",
              new SQLException(
                  "another verification is running (%s)"
                      .formatted(AdvisoryLock.VERIFY.holder(connection, ledger))));
        }
        return new PostgresCounterpart(ledger, connection);
      } catch (SQLException | RuntimeException e) {
        Sql.close(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw Failures.of(ledger, "be copied", e);
    }
  }

  private void copy(Generation live) throws SQLException {
    Sql.inTransaction(
        connection,
        () -> {
          Sql.execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
          Sql.execute(connection, "CREATE SCHEMA " + copy);
          for (String table : Tables.OF_A_GENERATION) {
            Sql.execute(
                connection,
                "CREATE UNLOGGED TABLE %s.%s AS TABLE %s.%s"
                    .formatted(copy, table, live.schema(), table));
          }
          Sql.execute(
              connection,
              "CREATE UNLOGGED TABLE %s.flyway_schema_history AS TABLE %s.flyway_schema_history"
                  .formatted(copy, live.schema()));
        });
  }

  @Override
  public ProjectionReader copy() {
    try {
      return new PostgresReader(
          "%s (schema %s)".formatted(ledger, copy), ledger.open(Purpose.READ, copy));
    } catch (SQLException e) {
      throw Failures.of(ledger, "be read", e);
    }
  }

  @Override
  public Projection open() {
    return PostgresProjection.fill(other);
  }

  @Override
  public List<TableComparison> compare() {
    return compare(ledger, copy, other.schema()).stream()
        .map(table -> new TableComparison(table.table(), table.rows(), table.differences()))
        .toList();
  }

  /** Compares two schemas of one database, each as it is at one instant. */
  static List<CanonicalForm.TableComparison> compare(LedgerUrl ledger, String one, String other) {
    try (Connection first = snapshot(ledger, one);
        Connection second = snapshot(ledger, other)) {
      return CanonicalForm.compare(first, second);
    } catch (SQLException e) {
      throw Failures.of(ledger, "compare %s with %s".formatted(one, other), e);
    }
  }

  private static Connection snapshot(LedgerUrl ledger, String schema) throws SQLException {
    Connection connection = ledger.open(Purpose.READ_ALL, schema);
    try {
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException e) {
      Sql.close(connection, e);
      throw e;
    }
  }

  private void clear() throws SQLException {
    generations.dropAll();
    generations.dropSchema(copy);
  }

  @Override
  public void close() {
    try (connection) {
      clear();
    } catch (SQLException e) {
      throw Failures.of(ledger, "drop the copies that were compared", e);
    }
  }
}
