package io.runledger.fold.apply;

import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.MetricSummary;
import io.runledger.fold.Series;
import io.runledger.fold.run.DerivedRun.Superseded;
import io.runledger.fold.store.MetricStore;
import io.runledger.fold.store.ProjectionStore;
import io.runledger.fold.store.RunStore;
import io.runledger.fold.store.SeriesChoice;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The series of streams, and the summaries of runs that are merged from them. Not thread-safe. */
final class SeriesSummaries {

  /** Runs whose only writer of metrics is remembered, some 200 bytes each. */
  private static final int REMEMBERED = 8_192;

  private record Metric(long runId, String name) {}

  private final MetricStore store;
  private final RunStore runs;

  /** The metrics that must be summed up again, each with the series of it that changed last. */
  private final Map<Metric, Series> touched = new LinkedHashMap<>();

  /**
   * By run, the one stream that has all its series, or empty where there are several: a run with
   * one writer is summed up from memory. Of a run that is not here the series are read.
   */
  private final LinkedHashMap<Long, Optional<StreamKey>> onlyStreams =
      new LinkedHashMap<>(64, 0.75f, true);

  SeriesSummaries(ProjectionStore store) {
    this.store = store.metrics();
    this.runs = store.runs();
  }

  /** Gives the stream its stored series, and the step from which on its points are superseded. */
  void load(Stream stream) {
    StreamKey key = stream.key;
    boolean written = !stream.isNew || stream.seen.size() > 0;
    stream.forgetSeries();
    if (written) {
      for (Series series : store.series(new SeriesChoice.OfWriter(key))) {
        stream.series.put(series.name(), series);
      }
    }
    stream.cut = runs.supersededFromStep(key.runId(), key.attemptId());
    if (onlyStreams.containsKey(key.runId())) {
      noteWriter(key);
    } else {
      onlyStreams.put(
          key.runId(), store.othersHaveSeries(key) ? Optional.empty() : Optional.of(key));
    }
    stream.seriesLoaded = true;
  }

  /** Where another stream was taken for the only one of its run, there are several. */
  private void noteWriter(StreamKey key) {
    onlyStreams.computeIfPresent(
        key.runId(), (run, only) -> only.equals(Optional.of(key)) ? only : Optional.empty());
  }

  /** Stores the series of a stream that changed. */
  void store(Stream stream) {
    for (Series series : stream.series.values()) {
      if (series.isChanged()) {
        // Another stream may have been loaded since this one was, when this one had no series yet.
        noteWriter(stream.key);
        put(stream.key, series);
      }
    }
  }

  private void put(StreamKey key, Series series) {
    if (series.isStored()) {
      store.updateSeries(series);
    } else {
      store.addSeries(key, series);
    }
    series.markStored();
    touched.put(new Metric(key.runId(), series.name()), series);
  }

  /**
   * Sums the series of an attempt up again, because another step cuts them now. Reads the points of
   * those series alone that the old or the new cut goes through.
   */
  void cut(long runId, Superseded cut) {
    List<Series> affected =
        store.series(new SeriesChoice.OfAttempt(runId, cut.attemptId())).stream()
            .filter(series -> series.isCutBy(cut.oldStep()) || series.isCutBy(cut.newStep()))
            .toList();
    for (Series series : affected) {
      series.clear();
      store.readPoints(
          series.id(),
          (seq, step, epoch, value) -> series.add(seq, step, epoch, value, cut.newStep()));
      store.updateSeries(series);
      series.markStored();
      touched.put(new Metric(runId, series.name()), series);
    }
    if (!affected.isEmpty()) {
      // What its stream has in memory is no longer what is stored.
      onlyStreams.remove(runId);
    }
  }

  /** Has all metrics of a run be merged once more, because its attempts come in another order. */
  void mergeAgain(long runId) {
    for (Series series : store.series(new SeriesChoice.OfRun(runId))) {
      touched.putIfAbsent(new Metric(runId, series.name()), series);
    }
  }

  /** Merges the series of the metrics that changed into one summary each. */
  void mergeTouched() {
    for (Map.Entry<Metric, Series> changed : touched.entrySet()) {
      Metric metric = changed.getKey();
      MetricSummary summary = new MetricSummary();
      if (onlyStreams.getOrDefault(metric.runId(), Optional.empty()).isPresent()) {
        summary.merge(changed.getValue());
      } else {
        store
            .series(new SeriesChoice.OfMetric(metric.runId(), metric.name()))
            .forEach(summary::merge);
      }
      store.putSummary(metric.runId(), metric.name(), summary);
    }
    touched.clear();
    // Not while a batch is folded: streams that have no rows yet are known from here alone.
    Iterator<Long> oldest = onlyStreams.keySet().iterator();
    while (onlyStreams.size() > REMEMBERED) {
      oldest.next();
      oldest.remove();
    }
  }

  /** Forgets what is in memory of some runs, between two batches. */
  void forget(Set<Long> runIds) {
    onlyStreams.keySet().removeAll(runIds);
  }

  /** Forgets what is in memory, because the store went back to an earlier state. */
  void forget() {
    touched.clear();
    onlyStreams.clear();
  }
}
