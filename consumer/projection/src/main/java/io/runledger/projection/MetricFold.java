package io.runledger.projection;

import io.runledger.projection.Streams.Stream;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

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
  private final List<Stream> touched = new ArrayList<>();
  private OptionalLong nextSeriesId = OptionalLong.empty();
  private int waitingPoints;

  MetricFold(Statements statements) {
    this.statements = statements;
  }

  /** Inserts the rows that are new and tells how many of them there were. */
  long fold(Stream stream, MetricsLogged logged) throws SQLException {
    List<MetricRow> rows = logged.getRows();
    long first = logged.getFirstSeq();
    long last = first + rows.size() - 1;
    boolean allNew = stream.seen.isDisjoint(first, last);
    if (stream.series.isEmpty() && !stream.isNew) {
      loadSeries(stream);
    }
    touched.add(stream);
    long applied = 0;
    for (int i = 0; i < rows.size(); i++) {
      long seq = first + i;
      if (allNew || !stream.seen.contains(seq)) {
        insert(stream, seq, rows.get(i));
        applied++;
      }
    }
    if (applied > 0) {
      stream.markSeen(first, last);
    }
    return applied;
  }

  private void insert(Stream stream, long seq, MetricRow row) throws SQLException {
    PreparedStatement point = statements.statement(INSERT_POINT);
    long at = Instants.micros(row.getAt());
    for (Map.Entry<String, Double> metric : row.getValues().entrySet()) {
      Series series = stream.series.get(metric.getKey());
      if (series == null) {
        series = new Series(newSeriesId(), metric.getKey());
        stream.series.put(metric.getKey(), series);
      }
      double value = metric.getValue();
      series.add(seq, row.getStep(), row.getEpoch(), value);
      point.setLong(1, series.id);
      point.setLong(2, seq);
      bind(point, 3, row.getStep());
      bind(point, 4, row.getEpoch());
      point.setLong(5, at);
      if (row.getElapsedSeconds() == null || Double.isNaN(row.getElapsedSeconds())) {
        point.setNull(6, Types.REAL);
      } else {
        point.setDouble(6, row.getElapsedSeconds());
      }
      bindValue(point, 7, value);
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

  /** Writes the points and summaries that wait. */
  void flush() throws SQLException {
    executePoints();
    for (Stream stream : touched) {
      for (Series series : stream.series.values()) {
        if (series.dirty) {
          store(stream, series);
        }
      }
    }
    touched.clear();
  }

  /** Forgets what waits, because the database went back to an earlier state. */
  void forget() throws SQLException {
    statements.statement(INSERT_POINT).clearBatch();
    waitingPoints = 0;
    touched.clear();
    nextSeriesId = OptionalLong.empty();
  }

  private long newSeriesId() throws SQLException {
    if (nextSeriesId.isEmpty()) {
      statements.query(
          "SELECT ifnull(max(series_id), 0) + 1 FROM metric_series",
          row -> nextSeriesId = OptionalLong.of(row.getLong(1)));
    }
    long id = nextSeriesId.getAsLong();
    nextSeriesId = OptionalLong.of(id + 1);
    return id;
  }

  private void store(Stream stream, Series series) throws SQLException {
    if (!series.stored) {
      statements.update(
          """
          INSERT INTO metric_series (series_id, run_id, attempt_id, writer_id, name)
          VALUES (?, ?, ?, ?, ?)
          """,
          series.id,
          stream.key.runId(),
          stream.key.attemptId(),
          stream.key.writerId(),
          series.name);
      series.stored = true;
    }
    PreparedStatement update =
        statements.statement(
            """
            UPDATE metric_series
               SET count = ?, nan_count = ?,
                   min_value = ?, min_seq = ?, min_step = ?, min_epoch = ?,
                   max_value = ?, max_seq = ?, max_step = ?, max_epoch = ?,
                   last_value = ?, last_seq = ?, last_step = ?, last_epoch = ?,
                   highest_step = ?, highest_epoch = ?
             WHERE series_id = ?
            """);
    update.setLong(1, series.count);
    update.setLong(2, series.nanCount);
    bindMark(update, 3, series.min);
    bindMark(update, 7, series.max);
    bindMark(update, 11, series.last);
    bind(update, 15, series.highestStep);
    bind(update, 16, series.highestEpoch);
    update.setLong(17, series.id);
    update.executeUpdate();
    series.dirty = false;
  }

  private void loadSeries(Stream stream) throws SQLException {
    statements.query(
        """
        SELECT series_id, name, count, nan_count,
               min_value, min_seq, min_step, min_epoch,
               max_value, max_seq, max_step, max_epoch,
               last_value, last_seq, last_step, last_epoch,
               highest_step, highest_epoch
          FROM metric_series
         WHERE run_id = ? AND attempt_id = ? AND writer_id = ?
        """,
        row -> {
          Series series = new Series(row.getLong(1), row.getString(2));
          series.stored = true;
          series.count = row.getLong(3);
          series.nanCount = row.getLong(4);
          readMark(row, 5, series.min);
          readMark(row, 9, series.max);
          readMark(row, 13, series.last);
          series.highestStep = longOrNull(row, 17);
          series.highestEpoch = longOrNull(row, 18);
          stream.series.put(series.name, series);
        },
        stream.key.runId(),
        stream.key.attemptId(),
        stream.key.writerId());
  }

  private static void readMark(ResultSet row, int column, Series.Mark mark) throws SQLException {
    Long seq = longOrNull(row, column + 1);
    if (seq == null) {
      return;
    }
    double value = row.getDouble(column);
    // NULL is NaN: SQLite cannot hold NaN, and a mark without a value has no seq either
    mark.set(
        row.wasNull() ? Double.NaN : value,
        seq,
        longOrNull(row, column + 2),
        longOrNull(row, column + 3));
  }

  static Long longOrNull(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }

  private static void bindMark(PreparedStatement statement, int index, Series.Mark mark)
      throws SQLException {
    bindValue(statement, index, mark.value);
    bind(statement, index + 1, mark.seq < 0 ? null : mark.seq);
    bind(statement, index + 2, mark.step);
    bind(statement, index + 3, mark.epoch);
  }

  private static void bindValue(PreparedStatement statement, int index, double value)
      throws SQLException {
    if (Double.isNaN(value)) {
      statement.setNull(index, Types.REAL);
    } else {
      statement.setDouble(index, value);
    }
  }

  private static void bind(PreparedStatement statement, int index, Long value) throws SQLException {
    if (value == null) {
      statement.setNull(index, Types.INTEGER);
    } else {
      statement.setLong(index, value);
    }
  }
}
