package io.runledger.projection.rows;

import io.runledger.fold.Series;
import io.runledger.fold.batch.BatchResult;
import io.runledger.projection.rows.Streams.Stream;
import io.runledger.schemas.MetricValues;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Folds log calls into points and summaries: the hot path. Not thread-safe. */
final class MetricFold {

  private final PointRows points;
  private final SeriesRows rows;
  private final Set<Stream> touched = new LinkedHashSet<>();

  MetricFold(Statements statements) {
    this.points = new PointRows(statements);
    this.rows = new SeriesRows(statements);
  }

  /** Inserts the log calls that are new. */
  BatchResult fold(Stream stream, MetricsLogged logged) throws SQLException {
    List<MetricRow> calls = logged.getRows();
    long first = logged.getFirstSeq();
    long last = first + calls.size() - 1;
    boolean allNew = stream.seen.isDisjoint(first, last);
    if (!stream.seriesLoaded) {
      rows.load(stream);
    }
    touched.add(stream);
    long applied = 0;
    long inserted = 0;
    for (int i = 0; i < calls.size(); i++) {
      long seq = first + i;
      if (allNew || !stream.seen.contains(seq)) {
        inserted += insert(stream, seq, calls.get(i));
        applied++;
      }
    }
    if (applied > 0) {
      stream.markSeen(first, last);
    }
    return new BatchResult(applied, inserted, calls.size() - applied, 0);
  }

  /** Inserts the points of a call and tells how many there are. */
  private int insert(Stream stream, long seq, MetricRow call) throws SQLException {
    MetricValues values = MetricValues.of(call.getValues());
    Series[] series = stream.seriesOf(values.names(), rows::create);
    Double epoch = Values.finite(call.getEpoch());
    for (int i = 0; i < series.length; i++) {
      double value = values.value(i);
      series[i].add(seq, call.getStep(), epoch, value, stream.cut);
      points.add(series[i], seq, call, value);
    }
    return series.length;
  }

  /** Writes the points and series that wait. */
  void flush() throws SQLException {
    points.flush();
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

  /** Has the metrics of a run be summed up once more; call it before merging. */
  void mergeAnew(long runId) throws SQLException {
    rows.mergeAnew(runId);
  }

  /** Writes the summaries of the runs whose series changed. */
  void mergeSummaries() throws SQLException {
    rows.mergeTouched();
  }

  /** Forgets what waits, because the database went back to an earlier state. */
  void forget() {
    points.forget();
    touched.clear();
    rows.forget();
  }
}
