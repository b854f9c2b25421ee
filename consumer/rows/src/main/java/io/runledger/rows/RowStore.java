package io.runledger.rows;

import io.runledger.fold.PoisonException;
import io.runledger.fold.batch.Advance;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.store.AlertStore;
import io.runledger.fold.store.MetricStore;
import io.runledger.fold.store.ProjectionStore;
import io.runledger.fold.store.RefusedDataException;
import io.runledger.fold.store.RunGuard;
import io.runledger.fold.store.RunStore;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.function.Supplier;

/** The tables of one database, as the fold uses them. Not thread-safe. */
public final class RowStore implements ProjectionStore {

  private final WriterConnection writer;
  private final Statements statements;
  private final Transactions transactions;
  private final Positions positions;
  private final DeadLetterRows deadLetters;
  private final MetricRows metrics;
  private final RunRows runs;
  private final AlertRows alerts;
  private final Optional<RunGuard> guard;

  /**
   * Of a database that has one writer.
   *
   * @param statements those of the writer's connection, as are those of {@code metrics}
   */
  public RowStore(WriterConnection writer, Statements statements, MetricRows metrics) {
    this(writer, statements, metrics, Optional.empty());
  }

  /**
   * Of a database that may have several.
   *
   * @param guard what keeps them off one run; empty when this one is alone
   */
  public RowStore(
      WriterConnection writer,
      Statements statements,
      MetricRows metrics,
      Optional<RunGuard> guard) {
    this.guard = guard;
    this.writer = writer;
    this.statements = statements;
    this.metrics = metrics;
    positions = new Positions(statements);
    deadLetters = new DeadLetterRows(statements);
    runs = new RunRows(statements);
    alerts = new AlertRows(statements);
    transactions = new Transactions(writer, metrics::forget);
  }

  /** The statements of the connection. */
  Statements statements() {
    return statements;
  }

  /** The transactions of the connection, for what is not the fold's. */
  Transactions transactions() {
    return transactions;
  }

  /** Where reading resumes, and what is missing. */
  Positions positions() {
    return positions;
  }

  /** The quarantined records. */
  DeadLetterRows deadLetters() {
    return deadLetters;
  }

  /**
   * {@inheritDoc}
   *
   * @throws io.runledger.fold.projection.ProjectionUnavailableException also when somebody put
   *     something into the database that good events would suffer from
   */
  @Override
  public <T> T inTransaction(String what, Supplier<T> work) {
    return transactions.folding(
        what,
        () -> {
          writer.refuseForeignObjects();
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
      if (statements.isOfTheTable(e.getCause())) {
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
      writer.refuseChangedTables(refusal);
    } catch (SQLException e) {
      throw new SqlFailure(e);
    }
  }

  private void execute(String sql) {
    try (Statement statement = writer.connection().createStatement()) {
      statement.execute(sql);
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

  @Override
  public Optional<RunGuard> guard() {
    return guard;
  }
}
