package io.runledger.fold.store;

import io.runledger.fold.alert.AlertedRun;
import io.runledger.fold.alert.Firing;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The part of a {@link ProjectionStore} that keeps what rules found. */
public interface AlertStore {

  /**
   * Stores a firing, with a pending delivery for each of these names.
   *
   * @param now when the deliveries are due
   * @return false when its rule fired for its run and cause before; nothing is stored then
   */
  boolean add(Firing firing, List<String> deliveries, Instant now);

  /** What a rule found of a run, in any order. */
  List<Firing> firings(String rule, long runId);

  /**
   * Stores whether a firing still holds.
   *
   * @param endedSeq null when no value ended it
   * @param endedAt null when it holds
   */
  void putEnd(Firing firing, Long endedSeq, Instant endedAt);

  /** The run; empty when nothing of it is stored. */
  Optional<AlertedRun> run(long runId);

  /** The runs that are running and not deleted, in any order. */
  List<AlertedRun> running();

  /**
   * When the last value of an attempt was logged, microseconds since 1970 by the job's clock.
   *
   * @param ignored what the names of metrics begin with that do not count
   */
  OptionalLong lastValueMicros(long runId, long attemptId, String ignored);
}
