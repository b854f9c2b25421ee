package io.runledger.fold.store;

import io.runledger.fold.EventKey;
import io.runledger.fold.run.Attempt;
import io.runledger.fold.run.Configuration;
import io.runledger.fold.run.RunFacts;
import io.runledger.fold.run.RunRow;
import io.runledger.fold.run.Said;
import io.runledger.fold.run.SlurmJob;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.RunEvent;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The part of a {@link ProjectionStore} that keeps the facts of runs, each under the identity of
 * its event, and the rows that follow from them.
 */
public interface RunStore {

  /**
   * Stores under its identity what an event says: a status, results, an artifact, an annotation, a
   * deletion or restoration, or dropped events. Called once for each event.
   */
  void addFact(EventKey key, RunEvent event);

  /** Stores an error under its identity. Called once for each event. */
  void addError(EventKey key, ErrorLogged error);

  /** What is known of a run. */
  RunFacts facts(long runId);

  /**
   * The step from which on the points of an attempt are superseded; null when they are not, or the
   * attempt was never stored.
   */
  Long supersededFromStep(long runId, long attemptId);

  /** What each start of an attempt brought, of one where several brought a configuration. */
  List<Said<Configuration>> configurations(long runId, long attemptId);

  /** Stores what one of several starts of an attempt brought. Called once for each. */
  void addConfiguration(long runId, long attemptId, Said<Configuration> said);

  /** Stores an attempt that is new or differs from what {@link #facts} gave. */
  void putAttempt(long runId, Attempt attempt);

  /** Stores a SLURM job that is new or differs from what {@link #facts} gave. */
  void putJob(long runId, SlurmJob job);

  /** Stores the row that people see. */
  void putRun(RunRow row);

  /** Gives the ids of all runs, in any order; nothing may be stored meanwhile. */
  void forEachRun(LongConsumer reader);
}
