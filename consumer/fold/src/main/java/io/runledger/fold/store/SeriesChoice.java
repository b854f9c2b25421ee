package io.runledger.fold.store;

import io.runledger.fold.EventKey.StreamKey;

/** Which series of a run are asked for. */
public sealed interface SeriesChoice {

  /** All of them, in any order. */
  record OfRun(long runId) implements SeriesChoice {}

  /** Those of one writer, in any order. */
  record OfWriter(StreamKey stream) implements SeriesChoice {}

  /** Those of one attempt, in any order. */
  record OfAttempt(long runId, long attemptId) implements SeriesChoice {}

  /** Those of one metric, by the ordinal of their attempt and then by writer. */
  record OfMetric(long runId, String name) implements SeriesChoice {}
}
