package io.runledger.sqlite.rows;

import io.runledger.fold.PoisonException;
import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.store.AlertStore;
import io.runledger.fold.store.MetricStore;
import io.runledger.fold.store.ProjectionStore;
import io.runledger.fold.store.RefusedDataException;
import io.runledger.fold.store.RunStore;
import io.runledger.sqlite.file.Database;
import io.runledger.sqlite.file.ForeignObjects;
import io.runledger.sqlite.file.Generation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;

/** The tables of one database, as the fold uses them. Not thread-safe. */
public final class SqliteStore implements ProjectionStore {

  private final Connection connection;
  private final ForeignObjects foreign;
  private final Transactions transactions;
  private final Positions positions;
  private final DeadLetterRows deadLetters;
  private final SqliteMetrics metrics;
  private final SqliteRuns runs;
  private final AlertRows alerts;

  public SqliteStore(Connection connection, Generation generation, Statements statements) {
    this.connection = connection;
    foreign = new ForeignObjects(connection, generation);
    positions = new Positions(statements);
    deadLetters = new DeadLetterRows(statements);
    metrics = new SqliteMetrics(statements);
    runs = new SqliteRuns(statements);
    alerts = new AlertRows(statements);
    transactions = new Transactions(connection, generation, metrics::forget);
  }

  /** The transactions of the connection, for what is not the fold's. */
  public Transactions transactions() {
    return transactions;
  }

  /** Where reading resumes, and what is missing. */
  public Positions positions() {
    return positions;
  }

  /** The quarantined records. */
  public DeadLetterRows deadLetters() {
    return deadLetters;
  }

  /**
   * {@inheritDoc}
   *
   * @throws io.runledger.fold.projection.ProjectionUnavailableException also when somebody put a
   *     trigger or a unique index into the database
   */
  @Override
  public <T> T inTransaction(String what, Supplier<T> work) {
    return transactions.folding(
        what,
        () -> {
          foreign.refuse();
          return work.get();
        });
  }

  @Override
  public <T> T underSavepoint(Supplier<T> part) {
    execute("SAVEPOINT one_record");
    try {
      T result = part.get();
      execute("RELEASE one_record");
      return result;
    } catch (RefusedDataException e) {
      rollbackRecord();
      if (Statements.isConstraint(e.getCause())) {
        refuseChangedTables((SQLException) e.getCause());
      }
      throw e;
    } catch (PoisonException e) {
      rollbackRecord();
      throw e;
    }
  }

  private void rollbackRecord() {
    execute("ROLLBACK TO one_record");
    execute("RELEASE one_record");
    metrics.forget();
  }

  private void refuseChangedTables(SQLException refusal) {
    try {
      foreign.refuseChangedTables(refusal);
    } catch (SQLException e) {
      throw new SqlFailure(e);
    }
  }

  private void execute(String sql) {
    try {
      Database.execute(connection, sql);
    } catch (SQLException e) {
      throw new SqlFailure(e);
    }
  }

  @Override
  public boolean advance(Advance advance) {
    return positions.advance(advance);
  }

  @Override
  public boolean quarantine(IncomingRecord incoming, String topicId, PoisonException why) {
    return deadLetters.put(incoming, topicId, why);
  }

  @Override
  public MetricStore metrics() {
    return metrics;
  }

  @Override
  public RunStore runs() {
    return runs;
  }

  @Override
  public AlertStore alerts() {
    return alerts;
  }
}
