package io.runledger.projection;

import io.runledger.projection.Streams.Stream;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Folds log calls into points and summaries: the hot path. Not thread-safe. */
final class MetricFold {

  private static final String INSERT_POINT =
      """
      INSERT INTO metric_points (series_id, seq, step, epoch, at_us, elapsed_seconds, value)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """;

  /** Points handed to SQLite in one go. */
  private static final int POINTS_PER_EXECUTION = 1_000;

  private final Statements statements;
  private final SeriesRows rows;
  private final Set<Stream> touched = new LinkedHashSet<>();
  private int waitingPoints;

  MetricFold(Statements statements) {
    this.statements = statements;
    this.rows = new SeriesRows(statements);
  }

  /** Inserts the log calls that are new and tells how many of them there were. */
  long fold(Stream stream, MetricsLogged logged) throws SQLException {
    List<MetricRow> calls = logged.getRows();
    long first = logged.getFirstSeq();
    long last = first + calls.size() - 1;
    boolean allNew = stream.seen.isDisjoint(first, last);
    if (!stream.seriesLoaded) {
      rows.load(stream);
    }
    touched.add(stream);
    long applied = 0;
    for (int i = 0; i < calls.size(); i++) {
      long seq = first + i;
      if (allNew || !stream.seen.contains(seq)) {
        insert(stream, seq, calls.get(i));
        applied++;
      }
    }
    if (applied > 0) {
      stream.markSeen(first, last);
    }
    return applied;
  }

  private void insert(Stream stream, long seq, MetricRow call) throws SQLException {
    PreparedStatement point = statements.statement(INSERT_POINT);
    long at = Instants.micros(call.getAt());
    for (Map.Entry<String, Double> metric : call.getValues().entrySet()) {
      Series series = stream.series.get(metric.getKey());
      if (series == null) {
        series = rows.create(metric.getKey());
        stream.series.put(metric.getKey(), series);
      }
      double value = metric.getValue();
      series.add(seq, call.getStep(), call.getEpoch(), value, stream.cut);
      point.setLong(1, series.id);
      point.setLong(2, seq);
      Values.bind(point, 3, call.getStep());
      Values.bind(point, 4, call.getEpoch());
      point.setLong(5, at);
      if (call.getElapsedSeconds() == null) {
        point.setNull(6, Types.REAL);
      } else {
        Values.bindValue(point, 6, call.getElapsedSeconds());
      }
      Values.bindValue(point, 7, value);
      point.addBatch();
      waitingPoints++;
    }
    if (waitingPoints >= POINTS_PER_EXECUTION) {
      executePoints();
    }
  }

  private void executePoints() throws SQLException {
    if (waitingPoints > 0) {
      statements.statement(INSERT_POINT).executeBatch();
      waitingPoints = 0;
    }
  }

  /** Writes the points and series that wait. */
  void flush() throws SQLException {
    executePoints();
    for (Stream stream : touched) {
      rows.store(stream);
    }
    touched.clear();
  }

  /**
   * Lets another step cut an attempt's points off; call it between {@link #flush()} and merging.
   */
  void cutAnew(long runId, long attemptId, Long oldCut, Long newCut) throws SQLException {
    rows.cutAnew(runId, attemptId, oldCut, newCut);
  }

  /** Writes the summaries of the runs whose series changed. */
  void mergeSummaries() throws SQLException {
    rows.mergeTouched();
  }

  /** Forgets what waits, because the database went back to an earlier state. */
  void forget() throws SQLException {
    statements.statement(INSERT_POINT).clearBatch();
    waitingPoints = 0;
    touched.clear();
    rows.forget();
  }
}
