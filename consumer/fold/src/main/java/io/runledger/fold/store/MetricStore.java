package io.runledger.fold.store;

import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.MetricSummary;
import io.runledger.fold.PointBuffer;
import io.runledger.fold.SeqRanges;
import io.runledger.fold.Series;
import java.util.List;
import java.util.Optional;

/**
 * The part of a {@link ProjectionStore} that keeps which events were applied, and the series and
 * points of metrics. Surrogate keys of streams and series mean something inside one store alone.
 */
public interface MetricStore {

  /** The stream, if anything of it was stored. */
  Optional<StoredStream> stream(StreamKey key);

  /** A key for a stream that has none; no other stream gets it. */
  long newStreamId();

  /** Stores which events of a stream were applied. */
  void putStream(StreamKey key, long id, SeqRanges seen);

  /** A key for a series that has none; no other series gets it. */
  long newSeriesId();

  /** The stored series. */
  List<Series> series(SeriesChoice choice);

  /** Whether another stream than this one has a series of its run. */
  boolean othersHaveSeries(StreamKey key);

  /** Stores a series of this stream that the store has never seen. */
  void addSeries(StreamKey key, Series series);

  /** Stores a series that the store has, as it is now. */
  void updateSeries(Series series);

  /** Stores points that the store has never seen. */
  void addPoints(PointBuffer.BySeries points);

  /** Gives the stored points of a series to the reader, in any order. */
  void readPoints(long seriesId, PointReader reader);

  /**
   * Gives the last stored points of a series before one of them to the reader, the last one first.
   *
   * @param beforeSeq the number of the point that comes after them
   * @param limit maximum number of points
   */
  void readLastPoints(long seriesId, long beforeSeq, int limit, PointReader reader);

  /**
   * Stores what a run's metric amounts to, or that no point of it is left, when {@link
   * MetricSummary#count} is 0.
   */
  void putSummary(long runId, String name, MetricSummary summary);
}
