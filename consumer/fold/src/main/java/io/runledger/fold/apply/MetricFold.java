package io.runledger.fold.apply;

import io.runledger.fold.PointBuffer;
import io.runledger.fold.Series;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.run.DerivedRun.Superseded;
import io.runledger.fold.store.MetricStore;
import io.runledger.fold.store.ProjectionStore;
import io.runledger.schemas.MetricValues;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Folds log calls into points and summaries: the hot path. Not thread-safe. */
final class MetricFold {

  private final MetricStore store;
  private final SeriesSummaries summaries;
  private final PointBuffer points = new PointBuffer();
  private final Set<Stream> touched = new LinkedHashSet<>();
  private Optional<Alerts> alerts = Optional.empty();

  MetricFold(ProjectionStore store) {
    this.store = store.metrics();
    this.summaries = new SeriesSummaries(store);
  }

  /** Evaluates rules on the values that follow. */
  void watch(Alerts rules) {
    alerts = Optional.of(rules);
  }

  /** Takes in the log calls that are new. */
  BatchResult fold(Stream stream, MetricsLogged logged) {
    List<MetricRow> calls = logged.getRows();
    long first = logged.getFirstSeq();
    long last = first + calls.size() - 1;
    boolean allNew = stream.seen.isDisjoint(first, last);
    if (!stream.seriesLoaded) {
      summaries.load(stream);
    }
    touched.add(stream);
    // Before any of its points is stored: what was there before is read from the store.
    alerts.ifPresent(rules -> rules.see(stream, logged));
    long applied = 0;
    long inserted = 0;
    for (int i = 0; i < calls.size(); i++) {
      long seq = first + i;
      if (allNew || !stream.seen.contains(seq)) {
        inserted += add(stream, seq, calls.get(i));
        applied++;
      }
    }
    if (applied > 0) {
      stream.markSeen(first, last);
    }
    return new BatchResult(applied, inserted, calls.size() - applied, 0);
  }

  /** Adds the points of a call and returns how many there are. */
  private int add(Stream stream, long seq, MetricRow call) {
    MetricValues values = MetricValues.of(call.getValues());
    Series[] series = stream.seriesOf(values.names(), this::newSeries);
    Double epoch = PointBuffer.epochOf(call);
    for (int i = 0; i < series.length; i++) {
      double value = values.value(i);
      series[i].add(seq, call.getStep(), epoch, value, stream.cut);
      if (points.isFull()) {
        storePoints();
      }
      points.add(series[i], seq, call, value);
    }
    return series.length;
  }

  private Series newSeries(String name) {
    return new Series(store.newSeriesId(), name);
  }

  private void storePoints() {
    store.addPoints(points.bySeries());
    points.clear();
  }

  /** Stores the points and series that wait. */
  void flush() {
    storePoints();
    touched.forEach(summaries::store);
    touched.clear();
  }

  /** Lets another step cut an attempt's points off, between {@link #flush} and merging. */
  void cut(long runId, Superseded cut) {
    summaries.cut(runId, cut);
  }

  /** Has the metrics of a run be merged once more, before merging. */
  void mergeAgain(long runId) {
    summaries.mergeAgain(runId);
  }

  /** Stores the summaries of the metrics whose series changed. */
  void mergeSummaries() {
    summaries.mergeTouched();
  }

  /** Forgets what is in memory of some runs, between two batches. */
  void forget(Set<Long> runs) {
    summaries.forget(runs);
  }

  /** Forgets what waits, because the store went back to an earlier state. */
  void forget() {
    points.clear();
    touched.clear();
    summaries.forget();
  }
}
