package io.runledger.fold.apply;

import io.runledger.fold.EventKey;
import io.runledger.fold.PoisonException;
import io.runledger.fold.Validation;
import io.runledger.fold.WithoutNul;
import io.runledger.fold.alert.AlertRules;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.run.Attempt;
import io.runledger.fold.run.DerivedRun;
import io.runledger.fold.run.DerivedRun.Superseded;
import io.runledger.fold.store.ProjectionStore;
import io.runledger.fold.store.RunGuard;
import io.runledger.schemas.Envelope;
import io.runledger.schemas.event.ErrorLogged;
import io.runledger.schemas.event.MetricsLogged;
import io.runledger.schemas.event.RunAnnotated;
import io.runledger.schemas.event.RunDeleted;
import io.runledger.schemas.event.RunEvent;
import io.runledger.schemas.event.RunRestored;
import io.runledger.schemas.event.SlurmJobObserved;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;

/**
 * Folds events into a store. What is stored is a function of the set of events: what an event says
 * is stored under its identity, duplicates are known by it, and rows that sum up are derived at the
 * end of the batch by {@link #flush()}. Works inside the caller's transaction. Not thread-safe.
 */
final class EventFold {

  private final ProjectionStore store;
  private final Streams streams;
  private final MetricFold metrics;
  private final RunFold runs;
  private final Optional<RunGuard> guard;
  private Optional<Alerts> alerts = Optional.empty();

  EventFold(ProjectionStore store) {
    this.store = store;
    streams = new Streams(store.metrics());
    metrics = new MetricFold(store);
    runs = new RunFold(store.runs());
    guard = store.guard();
  }

  /** Evaluates rules on the events that follow. */
  void watch(AlertRules rules) {
    Alerts watching = new Alerts(rules, store, guard.map(several -> this::take));
    alerts = Optional.of(watching);
    metrics.watch(watching);
  }

  /** Keeps other writers away from the runs of these records until the transaction ends. */
  void take(List<IncomingRecord> records) {
    if (guard.isPresent()) {
      TreeSet<Long> named = new TreeSet<>();
      for (IncomingRecord incoming : records) {
        if (incoming.decoded() instanceof Decoded.Event decoded) {
          named.add(Envelope.of(decoded.event()).run());
        }
      }
      take(named);
    }
  }

  private void take(SortedSet<Long> named) {
    if (guard.isPresent() && !named.isEmpty()) {
      Set<Long> changed = guard.get().take(named);
      if (!changed.isEmpty()) {
        metrics.forget(changed);
        streams.forget(changed);
        alerts.ifPresent(rules -> rules.forget(changed));
      }
    }
  }

  /**
   * Folds the event of one record.
   *
   * @throws PoisonException when it can never be applied; nothing was changed then
   */
  BatchResult fold(IncomingRecord incoming, SpecificRecord event) {
    EventKey key = Validation.check(incoming, event);
    if (event instanceof RunEvent run) {
      RunFold.check(run);
    }
    Stream stream = streams.get(key.stream());
    if (!stream.hasAttempt && !isOfAnOperator(event)) {
      runs.addAttempt(key.stream());
      stream.hasAttempt = true;
    }
    if (event instanceof MetricsLogged logged) {
      return metrics.fold(stream, logged);
    }
    if (stream.seen.contains(key.seq())) {
      return new BatchResult(0, 0, 1, 0);
    }
    stream.markSeen(key.seq(), key.seq());
    SpecificRecord storable = WithoutNul.of(event);
    if (storable instanceof RunEvent run) {
      runs.fold(key, run);
    } else if (storable instanceof ErrorLogged error) {
      runs.fold(key, error);
    } else if (storable instanceof SlurmJobObserved observed) {
      runs.fold(key, observed);
    }
    return new BatchResult(1, 0, 0, 0);
  }

  /** What anybody may say of a run without living in one of its attempts. */
  private static boolean isOfAnOperator(SpecificRecord event) {
    return event instanceof RunEvent run
        && (run.getEvent() instanceof RunAnnotated
            || run.getEvent() instanceof RunDeleted
            || run.getEvent() instanceof RunRestored);
  }

  /**
   * Ends a batch. In this order, because each step reads what the steps before it stored: points
   * and series, streams, runs with their attempts, series that these cut otherwise than before,
   * summaries, and what rules found in all of it.
   */
  void flush() {
    metrics.flush();
    streams.flush();
    runs.flush(this::follow);
    metrics.mergeSummaries();
    if (alerts.isPresent() && !alerts.get().flush()) {
      forget();
    }
  }

  /** Fires what is due of values that do not come. */
  void lookForSilence() {
    if (alerts.isPresent() && !alerts.get().lookForSilence()) {
      forget();
    }
  }

  /** Notes that what was stored is committed. */
  void committed() {
    alerts.ifPresent(Alerts::committed);
  }

  /** Lets the metrics of a run, and rules, follow what was derived of it. */
  private void follow(long run, List<Attempt> before, DerivedRun derived) {
    alerts.ifPresent(rules -> rules.derived(before, derived));
    for (Superseded cut : derived.cuts()) {
      metrics.cut(run, cut);
      streams.reloadSeries(run, cut.attemptId());
    }
    if (derived.reordered()) {
      metrics.mergeAgain(run);
    }
  }

  /** Derives the rows of all runs once more, because a newer version derives them otherwise. */
  void deriveAll() {
    runs.touchAll();
    flush();
  }

  /** Forgets what is in memory, because the store went back to an earlier state. */
  void forget() {
    metrics.forget();
    streams.forget();
    runs.forget();
    alerts.ifPresent(Alerts::forget);
  }
}
