package io.runledger.rows;

import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.Mark;
import io.runledger.fold.MetricSummary;
import io.runledger.fold.PointBuffer;
import io.runledger.fold.SeqRanges;
import io.runledger.fold.Series;
import io.runledger.fold.store.MetricStore;
import io.runledger.fold.store.PointReader;
import io.runledger.fold.store.SeriesChoice;
import io.runledger.fold.store.StoredStream;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The streams, series, points and summaries of a database. Not thread-safe. */
public final class MetricRows implements MetricStore {

  private static final String SERIES =
      """
      SELECT series_id, name, points, highest_step, count, nan_count,
             min_value, min_seq, min_step, min_epoch,
             max_value, max_seq, max_step, max_epoch,
             last_value, last_seq, last_step, last_epoch, highest_epoch
        FROM metric_series
      """;
  private static final String OF_RUN = SERIES + " WHERE run_id = ?";
  private static final String OF_ATTEMPT = OF_RUN + " AND attempt_id = ?";
  private static final String OF_WRITER = OF_ATTEMPT + " AND writer_id = ?";
  private static final String OF_METRIC =
      SERIES
          + """
           WHERE run_id = ? AND name = ?
           ORDER BY (SELECT a.ordinal
                       FROM run_attempts a
                      WHERE a.run_id = metric_series.run_id
                        AND a.attempt_id = metric_series.attempt_id),
                    writer_id
          """;

  private final Statements statements;
  private final PointWriter points;
  private final Values.EpochBinder epochs;
  private final SurrogateKeys streamIds;
  private final SurrogateKeys seriesIds;

  public MetricRows(
      Statements statements,
      PointWriter points,
      Values.EpochBinder epochs,
      SurrogateKeys streamIds,
      SurrogateKeys seriesIds) {
    this.statements = statements;
    this.points = points;
    this.epochs = epochs;
    this.streamIds = streamIds;
    this.seriesIds = seriesIds;
  }

  @Override
  public Optional<StoredStream> stream(StreamKey key) {
    return statements.first(
        """
        SELECT stream_id, seen
          FROM event_streams
         WHERE run_id = ? AND attempt_id = ? AND writer_id = ? AND topic = ?
        """,
        row -> new StoredStream(row.getLong(1), SeqRanges.parse(row.getString(2))),
        key.runId(),
        key.attemptId(),
        key.writerId(),
        key.topic().streamName());
  }

  @Override
  public long newStreamId() {
    return streamIds.next();
  }

  @Override
  public void putStream(StreamKey key, long id, SeqRanges seen) {
    statements.update(
        """
        INSERT INTO event_streams (stream_id, run_id, attempt_id, writer_id, topic, seen, events, last_seq)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (stream_id) DO UPDATE
           SET seen = excluded.seen, events = excluded.events, last_seq = excluded.last_seq
        """,
        id,
        key.runId(),
        key.attemptId(),
        key.writerId(),
        key.topic().streamName(),
        seen.toString(),
        seen.size(),
        seen.last());
  }

  @Override
  public long newSeriesId() {
    return seriesIds.next();
  }

  @Override
  public List<Series> series(SeriesChoice choice) {
    if (choice instanceof SeriesChoice.OfWriter of) {
      StreamKey key = of.stream();
      return statements.list(
          OF_WRITER, MetricRows::series, key.runId(), key.attemptId(), key.writerId());
    } else if (choice instanceof SeriesChoice.OfAttempt of) {
      return statements.list(OF_ATTEMPT, MetricRows::series, of.runId(), of.attemptId());
    } else if (choice instanceof SeriesChoice.OfMetric of) {
      return statements.list(OF_METRIC, MetricRows::series, of.runId(), of.name());
    } else {
      return statements.list(OF_RUN, MetricRows::series, ((SeriesChoice.OfRun) choice).runId());
    }
  }

  @Override
  public boolean othersHaveSeries(StreamKey key) {
    return statements
        .first(
            "SELECT 1 FROM metric_series WHERE run_id = ? AND (attempt_id, writer_id) <> (?, ?) LIMIT 1",
            row -> true,
            key.runId(),
            key.attemptId(),
            key.writerId())
        .isPresent();
  }

  @Override
  public void addSeries(StreamKey key, Series series) {
    statements.change(
        """
        INSERT INTO metric_series (
               points, highest_step, count, nan_count,
               min_value, min_seq, min_step, min_epoch,
               max_value, max_seq, max_step, max_epoch,
               last_value, last_seq, last_step, last_epoch,
               highest_epoch, series_id, run_id, attempt_id, writer_id, name)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        insert -> {
          bind(insert, series);
          insert.setLong(19, key.runId());
          insert.setLong(20, key.attemptId());
          insert.setLong(21, key.writerId());
          insert.setString(22, series.name());
        });
  }

  @Override
  public void updateSeries(Series series) {
    statements.change(
        """
        UPDATE metric_series
           SET points = ?, highest_step = ?, count = ?, nan_count = ?,
               min_value = ?, min_seq = ?, min_step = ?, min_epoch = ?,
               max_value = ?, max_seq = ?, max_step = ?, max_epoch = ?,
               last_value = ?, last_seq = ?, last_step = ?, last_epoch = ?,
               highest_epoch = ?
         WHERE series_id = ?
        """,
        update -> bind(update, series));
  }

  /** Binds the summary and the id, which come first in both statements. */
  private void bind(PreparedStatement change, Series series) throws SQLException {
    Series.Extent extent = series.extent();
    change.setLong(1, extent.points());
    Values.bind(change, 2, extent.highestStep());
    change.setLong(3, extent.count());
    change.setLong(4, extent.nanCount());
    bindWithSeq(change, 5, series.min());
    bindWithSeq(change, 9, series.max());
    bindWithSeq(change, 13, series.last());
    epochs.bind(change, 17, extent.highestEpoch());
    change.setLong(18, series.id());
  }

  private void bindWithSeq(PreparedStatement statement, int index, Mark mark) throws SQLException {
    Values.bindValue(statement, index, mark);
    Values.bind(statement, index + 1, mark.isSet() ? mark.seq() : null);
    Values.bind(statement, index + 2, mark.step());
    epochs.bind(statement, index + 3, mark.epoch());
  }

  private static Series series(ResultSet row) throws SQLException {
    return Series.stored(
        row.getLong(1),
        row.getString(2),
        new Series.Extent(
            row.getLong(3),
            Values.longOrNull(row, 4),
            row.getLong(5),
            row.getLong(6),
            Values.doubleOrNull(row, 19)),
        mark(row, 7),
        mark(row, 11),
        mark(row, 15));
  }

  private static Mark mark(ResultSet row, int column) throws SQLException {
    Long seq = Values.longOrNull(row, column + 1);
    return seq == null
        ? Mark.none()
        : Mark.of(
            Values.valueOrNaN(row, column),
            seq,
            Values.longOrNull(row, column + 2),
            Values.doubleOrNull(row, column + 3));
  }

  @Override
  public void addPoints(PointBuffer.BySeries waiting) {
    points.add(waiting);
  }

  @Override
  public void readPoints(long seriesId, PointReader reader) {
    statements.query(
        "SELECT seq, step, epoch, value FROM metric_points WHERE series_id = ?",
        row -> point(row, reader),
        seriesId);
  }

  @Override
  public void readLastPoints(long seriesId, long beforeSeq, int limit, PointReader reader) {
    statements.query(
        """
        SELECT seq, step, epoch, value
          FROM metric_points
         WHERE series_id = ? AND seq < ?
         ORDER BY seq DESC
         LIMIT ?
        """,
        row -> point(row, reader),
        seriesId,
        beforeSeq,
        limit);
  }

  private static void point(ResultSet row, PointReader reader) throws SQLException {
    reader.point(
        row.getLong(1),
        Values.longOrNull(row, 2),
        Values.doubleOrNull(row, 3),
        Values.valueOrNaN(row, 4));
  }

  @Override
  public void putSummary(long runId, String name, MetricSummary summary) {
    if (summary.count() == 0) {
      statements.update("DELETE FROM metric_summaries WHERE run_id = ? AND name = ?", runId, name);
      return;
    }
    statements.change(
        """
        INSERT INTO metric_summaries (
               run_id, name, count, nan_count, min_value, min_step, min_epoch,
               max_value, max_step, max_epoch, last_value, last_step, last_epoch, highest_epoch)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run_id, name) DO UPDATE
           SET count = excluded.count, nan_count = excluded.nan_count,
               min_value = excluded.min_value, min_step = excluded.min_step,
               min_epoch = excluded.min_epoch, max_value = excluded.max_value,
               max_step = excluded.max_step, max_epoch = excluded.max_epoch,
               last_value = excluded.last_value, last_step = excluded.last_step,
               last_epoch = excluded.last_epoch, highest_epoch = excluded.highest_epoch
        """,
        upsert -> {
          upsert.setLong(1, runId);
          upsert.setString(2, name);
          upsert.setLong(3, summary.count());
          upsert.setLong(4, summary.nanCount());
          bindWithoutSeq(upsert, 5, summary.min());
          bindWithoutSeq(upsert, 8, summary.max());
          bindWithoutSeq(upsert, 11, summary.last());
          epochs.bind(upsert, 14, summary.highestEpoch());
        });
  }

  private void bindWithoutSeq(PreparedStatement statement, int index, Mark mark)
      throws SQLException {
    Values.bindValue(statement, index, mark);
    Values.bind(statement, index + 1, mark.step());
    epochs.bind(statement, index + 2, mark.epoch());
  }

  /** Forgets which keys were given, because the database went back to an earlier state. */
  void forget() {
    streamIds.forget();
    seriesIds.forget();
  }
}
