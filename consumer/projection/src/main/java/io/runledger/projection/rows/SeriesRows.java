package io.runledger.projection.rows;

import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.Series;
import io.runledger.projection.rows.Streams.Stream;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The stored series, and the summaries of runs that are merged from them. Not thread-safe. */
final class SeriesRows {

  private static final String COLUMNS =
      """
      SELECT series_id, name, points, highest_step, count, nan_count,
             min_value, min_seq, min_step, min_epoch,
             max_value, max_seq, max_step, max_epoch,
             last_value, last_seq, last_step, last_epoch, highest_epoch
        FROM metric_series
      """;
  private static final String OF_WRITER =
      COLUMNS + " WHERE run_id = ? AND attempt_id = ? AND writer_id = ?";
  private static final String OF_ATTEMPT = COLUMNS + " WHERE run_id = ? AND attempt_id = ?";
  private static final String OF_METRIC =
      COLUMNS
          + """
           WHERE run_id = ?1 AND name = ?2
           ORDER BY (SELECT a.ordinal
                       FROM run_attempts a
                      WHERE a.run_id = ?1 AND a.attempt_id = metric_series.attempt_id),
                    writer_id
          """;

  /** Runs whose only writer of metrics is remembered, some 200 bytes each. */
  private static final int REMEMBERED = 8_192;

  private record Metric(long runId, String name) {}

  private final Statements statements;

  /** The metrics that must be summed up anew, each with the series of it that changed last. */
  private final Map<Metric, Series> touched = new LinkedHashMap<>();

  /**
   * By run, the one stream that has all its series, or empty where there are several: a run with
   * one writer is summed up from memory. Of a run that is not here the series are read.
   */
  private final LinkedHashMap<Long, Optional<StreamKey>> onlyStreams =
      new LinkedHashMap<>(64, 0.75f, true);

  private OptionalLong nextId = OptionalLong.empty();

  SeriesRows(Statements statements) {
    this.statements = statements;
  }

  /** A series that nobody has seen before. */
  Series create(String name) throws SQLException {
    if (nextId.isEmpty()) {
      statements.query(
          "SELECT ifnull(max(series_id), 0) + 1 FROM metric_series",
          row -> nextId = OptionalLong.of(row.getLong(1)));
    }
    long id = nextId.getAsLong();
    nextId = OptionalLong.of(id + 1);
    return new Series(id, name);
  }

  /** Gives the stream its stored series, and the step from which on its points are superseded. */
  void load(Stream stream) throws SQLException {
    StreamKey key = stream.key;
    boolean written = !stream.isNew || stream.seen.size() > 0;
    stream.forgetSeries();
    if (written) {
      statements.query(
          OF_WRITER,
          row -> {
            Series series = series(row);
            stream.series.put(series.name, series);
          },
          key.runId(),
          key.attemptId(),
          key.writerId());
    }
    statements.query(
        "SELECT superseded_from_step FROM run_attempts WHERE run_id = ? AND attempt_id = ?",
        row -> stream.cut = Values.longOrNull(row, 1),
        key.runId(),
        key.attemptId());
    if (onlyStreams.containsKey(key.runId())) {
      noteWriter(key);
    } else {
      onlyStreams.put(key.runId(), othersHaveSeries(key) ? Optional.empty() : Optional.of(key));
    }
    stream.seriesLoaded = true;
  }

  /** Where another stream was taken for the only one of its run, there are several. */
  private void noteWriter(StreamKey key) {
    onlyStreams.computeIfPresent(
        key.runId(), (run, only) -> only.equals(Optional.of(key)) ? only : Optional.empty());
  }

  private boolean othersHaveSeries(StreamKey key) throws SQLException {
    boolean[] found = {false};
    statements.query(
        "SELECT 1 FROM metric_series WHERE run_id = ? AND (attempt_id, writer_id) <> (?, ?) LIMIT 1",
        row -> found[0] = true,
        key.runId(),
        key.attemptId(),
        key.writerId());
    return found[0];
  }

  /** Stores the series of a stream that changed. */
  void store(Stream stream) throws SQLException {
    for (Series series : stream.series.values()) {
      if (series.dirty) {
        // Another stream may have been loaded since this one was, when this one had no series yet.
        noteWriter(stream.key);
        if (series.stored) {
          update(stream.key.runId(), series);
        } else {
          insert(stream.key, series);
        }
      }
    }
  }

  private void insert(StreamKey key, Series series) throws SQLException {
    PreparedStatement insert =
        statements.statement(
            """
            INSERT INTO metric_series (
                   points, highest_step, count, nan_count,
                   min_value, min_seq, min_step, min_epoch,
                   max_value, max_seq, max_step, max_epoch,
                   last_value, last_seq, last_step, last_epoch,
                   highest_epoch, series_id, run_id, attempt_id, writer_id, name)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """);
    insert.setLong(19, key.runId());
    insert.setLong(20, key.attemptId());
    insert.setLong(21, key.writerId());
    insert.setString(22, series.name);
    run(insert, key.runId(), series);
    series.stored = true;
  }

  private void update(long runId, Series series) throws SQLException {
    run(
        statements.statement(
            """
            UPDATE metric_series
               SET points = ?, highest_step = ?, count = ?, nan_count = ?,
                   min_value = ?, min_seq = ?, min_step = ?, min_epoch = ?,
                   max_value = ?, max_seq = ?, max_step = ?, max_epoch = ?,
                   last_value = ?, last_seq = ?, last_step = ?, last_epoch = ?,
                   highest_epoch = ?
             WHERE series_id = ?
            """),
        runId,
        series);
  }

  /** Binds the summary and the id, which come first in both statements, and runs it. */
  private void run(PreparedStatement change, long runId, Series series) throws SQLException {
    change.setLong(1, series.points);
    Values.bind(change, 2, series.highestStep);
    change.setLong(3, series.count);
    change.setLong(4, series.nanCount);
    bindMark(change, 5, series.min);
    bindMark(change, 9, series.max);
    bindMark(change, 13, series.last);
    Values.bindEpoch(change, 17, series.highestEpoch);
    change.setLong(18, series.id);
    change.executeUpdate();
    series.dirty = false;
    touched.put(new Metric(runId, series.name), series);
  }

  /**
   * Sums the series of an attempt up anew, because another step cuts them now. Reads the points of
   * those series alone that the old or the new cut goes through.
   */
  void cutAnew(long runId, long attemptId, Long oldCut, Long newCut) throws SQLException {
    Set<Series> cut = new LinkedHashSet<>();
    statements.query(
        OF_ATTEMPT,
        row -> {
          Series series = series(row);
          if (series.isCutBy(oldCut) || series.isCutBy(newCut)) {
            cut.add(series);
          }
        },
        runId,
        attemptId);
    if (cut.isEmpty()) {
      return;
    }
    for (Series series : cut) {
      series.clear();
      statements.query(
          "SELECT seq, step, epoch, value FROM metric_points WHERE series_id = ?",
          row ->
              series.add(
                  row.getLong(1),
                  Values.longOrNull(row, 2),
                  Values.doubleOrNull(row, 3),
                  Values.valueOrNaN(row, 4),
                  newCut),
          series.id);
      update(runId, series);
    }
    // What its stream has in memory is no longer what is stored.
    onlyStreams.remove(runId);
  }

  /** Has all metrics of a run be merged once more, because its attempts come in another order. */
  void mergeAnew(long runId) throws SQLException {
    statements.query(
        COLUMNS + " WHERE run_id = ?",
        row -> {
          Series series = series(row);
          touched.putIfAbsent(new Metric(runId, series.name), series);
        },
        runId);
  }

  /** Merges the series of the metrics that changed into one summary each. */
  void mergeTouched() throws SQLException {
    for (Map.Entry<Metric, Series> changed : touched.entrySet()) {
      Metric metric = changed.getKey();
      MetricSummary summary = new MetricSummary();
      if (onlyStreams.getOrDefault(metric.runId(), Optional.empty()).isPresent()) {
        summary.merge(changed.getValue());
      } else {
        statements.query(
            OF_METRIC, row -> summary.merge(series(row)), metric.runId(), metric.name());
      }
      summary.store(statements, metric.runId(), metric.name());
    }
    touched.clear();
    // Not while a batch is folded: streams that have no rows yet are known from here alone.
    Iterator<Long> oldest = onlyStreams.keySet().iterator();
    while (onlyStreams.size() > REMEMBERED) {
      oldest.next();
      oldest.remove();
    }
  }

  /** Forgets what is in memory, because the database went back to an earlier state. */
  void forget() {
    touched.clear();
    onlyStreams.clear();
    nextId = OptionalLong.empty();
  }

  private static Series series(ResultSet row) throws SQLException {
    Series series = new Series(row.getLong(1), row.getString(2));
    series.stored = true;
    series.points = row.getLong(3);
    series.highestStep = Values.longOrNull(row, 4);
    series.count = row.getLong(5);
    series.nanCount = row.getLong(6);
    readMark(row, 7, series.min);
    readMark(row, 11, series.max);
    readMark(row, 15, series.last);
    series.highestEpoch = Values.doubleOrNull(row, 19);
    return series;
  }

  private static void readMark(ResultSet row, int column, Series.Mark mark) throws SQLException {
    Long seq = Values.longOrNull(row, column + 1);
    if (seq != null) {
      mark.set(
          Values.valueOrNaN(row, column),
          seq,
          Values.longOrNull(row, column + 2),
          Values.doubleOrNull(row, column + 3));
    }
  }

  private static void bindMark(PreparedStatement statement, int index, Series.Mark mark)
      throws SQLException {
    Values.bindValue(statement, index, mark.value);
    Values.bind(statement, index + 1, mark.seq < 0 ? null : mark.seq);
    Values.bind(statement, index + 2, mark.step);
    Values.bindEpoch(statement, index + 3, mark.epoch);
  }
}
