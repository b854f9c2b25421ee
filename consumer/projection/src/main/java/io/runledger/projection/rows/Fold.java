package io.runledger.projection.rows;

import io.runledger.fold.EventKey;
import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.Instants;
import io.runledger.fold.PoisonException;
import io.runledger.fold.Validation;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.projection.rows.Streams.Stream;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunRestored;
import io.runledger.schemas.event.SlurmJobObserved;
import java.sql.SQLException;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;

/**
 * Folds events into rows. The rows are a function of the set of events: what an event says is
 * stored under its identity, duplicates are known by it, and rows that sum up are derived at the
 * end of the batch by {@link #flush()}. Works inside the caller's transaction. Not thread-safe.
 */
public final class Fold {

  private final Statements statements;
  private final Streams streams;
  private final MetricFold metrics;
  private final SlurmFold slurm;
  private final RunFold runs;
  private final RunRows rows;
  private final RunRows.Changes changes = new SummaryChanges();
  private final TreeSet<Long> touchedRuns = new TreeSet<>();

  public Fold(Statements statements) {
    this.statements = statements;
    streams = new Streams(statements);
    metrics = new MetricFold(statements);
    slurm = new SlurmFold(statements);
    runs = new RunFold(statements, slurm);
    rows = new RunRows(statements);
  }

  /**
   * Folds the event of one record.
   *
   * @throws PoisonException when it can never be applied; nothing was changed then
   */
  BatchResult fold(IncomingRecord incoming, SpecificRecord event) throws SQLException {
    EventKey key = Validation.check(incoming, event);
    if (event instanceof RunEvent run) {
      runs.check(run);
    }
    Stream stream = streams.get(key.stream());
    if (!stream.hasAttempt && !isOfAnOperator(event)) {
      ensureAttempt(key.stream());
      stream.hasAttempt = true;
    }
    if (event instanceof MetricsLogged logged) {
      return metrics.fold(stream, logged);
    }
    if (stream.seen.contains(key.seq())) {
      return new BatchResult(0, 0, 1, 0);
    }
    stream.markSeen(key.seq(), key.seq());
    touchedRuns.add(key.stream().runId());
    if (event instanceof RunEvent run) {
      runs.fold(key, run);
    } else if (event instanceof ErrorLogged error) {
      error(key, error);
    } else if (event instanceof SlurmJobObserved observed) {
      slurm.observe(key, observed);
    }
    return new BatchResult(1, 0, 0, 0);
  }

  /** What anybody may say of a run without living in one of its attempts. */
  private static boolean isOfAnOperator(SpecificRecord event) {
    return event instanceof RunEvent run
        && (run.getEvent() instanceof RunAnnotated
            || run.getEvent() instanceof RunDeleted
            || run.getEvent() instanceof RunRestored);
  }

  private void ensureAttempt(StreamKey stream) throws SQLException {
    statements.update(
        "INSERT INTO run_attempts (run_id, attempt_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        stream.runId(),
        stream.attemptId());
    touchedRuns.add(stream.runId());
  }

  private void error(EventKey key, ErrorLogged error) throws SQLException {
    RunFold.insertFact(
        statements,
        "INSERT INTO run_errors (error_id, run_id, attempt_id, writer_id, seq, exception_type, message, traceback, truncated_bytes, sha256, step, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        true,
        key,
        error.getExceptionType(),
        error.getMessage(),
        error.getTraceback(),
        error.getTruncatedBytes(),
        error.getSha256(),
        error.getStep(),
        Instants.text(error.getAt()));
  }

  /** Writes what waits and derives the rows of the runs that were touched. */
  void flush() throws SQLException {
    metrics.flush();
    streams.flush();
    for (long run : touchedRuns) {
      rows.derive(run, changes);
    }
    touchedRuns.clear();
    metrics.mergeSummaries();
  }

  private final class SummaryChanges implements RunRows.Changes {

    @Override
    public void cut(long run, long attempt, Long oldStep, Long newStep) throws SQLException {
      metrics.cutAnew(run, attempt, oldStep, newStep);
      streams.reloadSeries(run, attempt);
    }

    @Override
    public void reordered(long run) throws SQLException {
      metrics.mergeAnew(run);
    }
  }

  /** Derives the rows of all runs once more, because a newer version derives them otherwise. */
  public void deriveAll() throws SQLException {
    statements.query("SELECT run_id FROM experiment_runs", row -> touchedRuns.add(row.getLong(1)));
    flush();
  }

  /** Forgets what is in memory, because the database went back to an earlier state. */
  public void forget() {
    metrics.forget();
    streams.forget();
    touchedRuns.clear();
  }
}
