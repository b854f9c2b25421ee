package io.runledger.fold.apply;

import io.runledger.fold.EventKey;
import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.ReadableJson;
import io.runledger.fold.run.Attempt;
import io.runledger.fold.run.DerivedRun;
import io.runledger.fold.run.RunDerivation;
import io.runledger.fold.run.RunFacts;
import io.runledger.fold.run.SlurmJob;
import io.runledger.fold.store.RunStore;
import io.runledger.schemas.event.ArtifactLogged;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.Heartbeat;
import io.runledger.schemas.event.ResultsRecorded;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunStarted;
import io.runledger.schemas.event.SlurmJobObserved;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * Stores what events say of runs. What is complete in itself is stored at once, under its identity;
 * what several events say together of an attempt or a job waits for the end of the batch, when the
 * rows of the run are derived. Not thread-safe.
 */
final class RunFold {

  private final RunStore store;
  private final TreeMap<Long, RunClaims> touched = new TreeMap<>();

  RunFold(RunStore store) {
    this.store = store;
  }

  /**
   * Refuses what can never be stored, before anything is.
   *
   * @throws io.runledger.fold.PoisonException when the event must be refused
   */
  static void check(RunEvent event) {
    if (event.getEvent() instanceof ResultsRecorded results) {
      ReadableJson.require("results", results.getResults());
    } else if (event.getEvent() instanceof ArtifactLogged artifact) {
      ReadableJson.require("metadata", artifact.getMetadata());
    }
  }

  /** Makes sure that the attempt of a stream exists, whatever else is known about it. */
  void addAttempt(StreamKey stream) {
    claims(stream.runId()).addAttempt(stream.attemptId());
  }

  void fold(EventKey key, RunEvent event) {
    RunClaims claims = claims(key.stream().runId());
    if (event.getEvent() instanceof RunStarted started) {
      claims.add(key, event.getAt(), started);
    } else if (event.getEvent() instanceof Heartbeat heartbeat) {
      claims.add(key, event.getAt(), heartbeat);
    } else {
      store.addFact(key, event);
    }
  }

  void fold(EventKey key, ErrorLogged error) {
    claims(key.stream().runId());
    store.addError(key, error);
  }

  void fold(EventKey key, SlurmJobObserved observed) {
    claims(key.stream().runId()).add(key, observed);
  }

  private RunClaims claims(long run) {
    return touched.computeIfAbsent(run, RunClaims::new);
  }

  /** Derives the rows of all runs once more, because a newer version derives them otherwise. */
  void touchAll() {
    store.forEachRun(this::claims);
  }

  /**
   * Stores the rows of the runs that were touched.
   *
   * @param reader takes what was derived, as soon as it is stored
   */
  void flush(DerivedRunReader reader) {
    touched.forEach((run, claims) -> derive(run, claims, reader));
    touched.clear();
  }

  /** Takes what was derived of a run. */
  interface DerivedRunReader {

    /**
     * Takes it.
     *
     * @param before the attempts as they were stored
     */
    void derived(long run, List<Attempt> before, DerivedRun derived);
  }

  private void derive(long run, RunClaims claims, DerivedRunReader reader) {
    RunFacts stored = store.facts(run);
    RunFacts facts = claims.over(stored, store);
    Set<SlurmJob> knownJobs = new HashSet<>(stored.jobs());
    facts.jobs().stream()
        .filter(job -> !knownJobs.contains(job))
        .forEach(job -> store.putJob(run, job));
    RunDerivation.of(run, facts)
        .ifPresent(
            derived -> {
              Set<Attempt> knownAttempts = new HashSet<>(stored.attempts());
              derived.attempts().stream()
                  .filter(attempt -> !knownAttempts.contains(attempt))
                  .forEach(attempt -> store.putAttempt(run, attempt));
              store.putRun(derived.row());
              reader.derived(run, stored.attempts(), derived);
            });
  }

  /** Forgets what waits, because the store went back to an earlier state. */
  void forget() {
    touched.clear();
  }
}
