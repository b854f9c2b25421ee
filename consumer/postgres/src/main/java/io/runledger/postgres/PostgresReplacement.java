package io.runledger.postgres;

import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.Replacement;
import io.runledger.fold.projection.ReplacementRunningException;
import io.runledger.postgres.connection.AdvisoryLock;
import io.runledger.postgres.connection.Failures;
import io.runledger.postgres.connection.LedgerUrl;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import io.runledger.postgres.schema.Generation;
import io.runledger.postgres.schema.Generations;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * The next generation of a ledger. The right to build it is a lock of this session. Not
 * thread-safe.
 */
final class PostgresReplacement implements Replacement {

  private final LedgerUrl ledger;
  private final Connection connection;
  private final Generations generations;
  private final Generation generation;
  private boolean published;

  private PostgresReplacement(LedgerUrl ledger, Connection connection) throws SQLException {
    this.ledger = ledger;
    this.connection = connection;
    generations = new Generations(ledger, connection);
    // What a killed rebuild left: nobody else makes generations while the lock is held.
    generations.dropOthers();
    generation = generations.create();
  }

  static PostgresReplacement begin(LedgerUrl ledger) {
    try {
      Connection connection = ledger.open(Purpose.ADMINISTER);
      try {
        PostgresProjection.refuseServer(ledger, connection);
        if (!AdvisoryLock.REBUILD.tryTake(connection, ledger)) {
          throw new ReplacementRunningException(
              "Another rebuild of %s is running (%s); wait until it ends, or stop it."
                  .formatted(ledger, AdvisoryLock.REBUILD.holder(connection, ledger)));
        }
        return new PostgresReplacement(ledger, connection);
      } catch (SQLException | RuntimeException e) {
        Sql.close(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw Failures.of(ledger, "be rebuilt", e);
    }
  }

  @Override
  public Projection open() {
    return PostgresProjection.fill(generation);
  }

  @Override
  public void publish() {
    try {
      generations.publish(generation);
      published = true;
    } catch (SQLException e) {
      throw Failures.of(ledger, "show its new generation", e);
    }
  }

  @Override
  public void close() {
    try (connection) {
      if (!published) {
        // What is not whole is of no use, and may be what fills the disk.
        generations.drop(generation);
      }
      generations.dropOthers();
    } catch (SQLException e) {
      throw Failures.of(ledger, "drop its former generations", e);
    }
  }
}
