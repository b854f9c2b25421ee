package io.runledger.fold.apply;

import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.Instants;
import io.runledger.fold.PoisonException;
import io.runledger.fold.Series;
import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.AlertRules;
import io.runledger.fold.alert.AlertedRun;
import io.runledger.fold.alert.Condition.MetricIs;
import io.runledger.fold.alert.Condition.StatusBecomes;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.run.Attempt;
import io.runledger.fold.run.DerivedRun;
import io.runledger.fold.run.Said;
import io.runledger.fold.run.Standing;
import io.runledger.fold.run.Start;
import io.runledger.fold.store.ProjectionStore;
import io.runledger.fold.store.RefusedDataException;
import io.runledger.fold.store.StoreFailure;
import io.runledger.schemas.MetricValues;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Evaluates rules on what is folded. What they find is stored with the rows that it follows from;
 * what keeps a rule from being evaluated costs no row. Not thread-safe.
 */
final class Alerts {

  /** An attempt got another status than before. */
  private record NewStatus(
      AlertedRun run, Attempt attempt, Optional<RunStatus> before, Standing standing) {}

  private final AlertRules rules;
  private final ProjectionStore store;
  private final List<AlertRule> ofStatus;
  private final Map<String, List<AlertRule>> ofMetrics;
  private final Firings firings;
  private final Silence silence;
  private final List<AlertAction> actions = new ArrayList<>();
  private final List<NewStatus> statuses = new ArrayList<>();

  /** Runs that have another newest attempt than before. */
  private final List<AlertedRun> resumed = new ArrayList<>();

  private final WaitingStreaks waiting = new WaitingStreaks();

  /** Whether something failed, so that what is in memory may say more than is stored. */
  private boolean hasFailed;

  /**
   * @param taking keeps other writers of the store away from runs; empty where there are none
   */
  Alerts(AlertRules rules, ProjectionStore store, Optional<Consumer<SortedSet<Long>>> taking) {
    this.rules = rules;
    this.store = store;
    this.ofStatus = rules.ofStatus();
    this.ofMetrics =
        rules.ofMetrics().stream()
            .collect(Collectors.groupingBy(rule -> ((MetricIs) rule.condition()).metric()));
    this.firings = new Firings(rules, store.alerts());
    this.silence = new Silence(rules, store.alerts(), firings, taking);
  }

  /** Looks at a record of metrics, before any of its points is stored. */
  void see(Stream stream, MetricsLogged logged) {
    try {
      silence.see(stream, logged);
      if (!ofMetrics.isEmpty()) {
        seeValues(stream, logged);
      }
    } catch (StoreFailure e) {
      throw e;
    } catch (RuntimeException e) {
      hasFailed = true;
      failed(e);
    }
  }

  private void seeValues(Stream stream, MetricsLogged logged) {
    WatchedValues watched = stream.watched.orElseGet(WatchedValues::new);
    stream.watched = Optional.of(watched);
    List<MetricRow> calls = logged.getRows();
    long first = logged.getFirstSeq();
    boolean allNew = stream.seen.isDisjoint(first, first + calls.size() - 1);
    for (int i = 0; i < calls.size(); i++) {
      MetricRow call = calls.get(i);
      MetricValues values = MetricValues.of(call.getValues());
      List<WatchedValues.Watched> found =
          watched.of(values.names(), ofMetrics.keySet(), name -> streaks(stream, name));
      if (!found.isEmpty() && (allNew || !stream.seen.contains(first + i))) {
        for (WatchedValues.Watched one : found) {
          one.streak().see(first + i, call, values.value(one.place()), actions);
        }
      }
    }
  }

  private List<Streak> streaks(Stream stream, String metric) {
    List<Streak> streaks = new ArrayList<>();
    for (AlertRule rule : ofMetrics.get(metric)) {
      if (isAbout(rule, stream.key.runId())) {
        streaks.add(
            Streak.load(
                rule,
                stream.key,
                Optional.ofNullable(stream.series.get(metric)).filter(Series::isStored),
                store.metrics(),
                stream.cut,
                store.alerts().firings(rule.name(), stream.key.runId()),
                actions));
      }
    }
    return streaks;
  }

  /** Whether a rule may still say something of a run, as far as it is known. */
  private boolean isAbout(AlertRule rule, long runId) {
    if (firings.isExhausted(rule, runId)) {
      return false;
    }
    return !rule.scope().isLimited()
        || store
            .alerts()
            .run(runId)
            .filter(AlertedRun::isKnown)
            .map(rule.scope()::contains)
            .orElse(true);
  }

  /**
   * Looks at what was derived of a run.
   *
   * @param before its attempts as they were stored
   */
  void derived(List<Attempt> before, DerivedRun derived) {
    AlertedRun run = AlertedRun.of(derived.row());
    Map<Long, Attempt> known = new HashMap<>();
    before.forEach(attempt -> known.put(attempt.id(), attempt));
    for (Attempt attempt : derived.attempts()) {
      Optional<RunStatus> old = status(known.get(attempt.id()));
      Standing standing = attempt.standing().orElseThrow();
      if (!old.equals(Optional.of(standing.verdict().status()))) {
        statuses.add(new NewStatus(run, attempt, old, standing));
      }
    }
    if (!known.isEmpty() && !known.containsKey(run.lastAttemptId())) {
      resumed.add(run);
    }
    if (run.isKnown()) {
      actions.addAll(waiting.take(run.id()));
    }
  }

  private static Optional<RunStatus> status(Attempt attempt) {
    return Optional.ofNullable(attempt)
        .flatMap(Attempt::standing)
        .map(standing -> standing.verdict().status());
  }

  /**
   * Stores what rules found.
   *
   * @return false when they could not be evaluated, and what is in memory of the store must be
   *     forgotten
   */
  boolean flush() {
    if (hasFailed) {
      hasFailed = false;
      return false;
    }
    return isNothingFound() || evaluated(this::store);
  }

  private boolean isNothingFound() {
    return actions.isEmpty() && statuses.isEmpty() && resumed.isEmpty() && !silence.isChanged();
  }

  private void store() {
    statuses.forEach(this::store);
    actions.forEach(this::store);
    resumed.forEach(this::endOtherAttempts);
    silence.flush();
    statuses.clear();
    actions.clear();
    resumed.clear();
  }

  private void store(NewStatus changed) {
    RunStatus now = changed.standing().verdict().status();
    if (changed.before().equals(Optional.of(RunStatus.RUNNING))) {
      rules.ofSilence().forEach(rule -> endOpen(rule, changed.run().id(), changed.attempt().id()));
    }
    for (AlertRule rule : ofStatus) {
      RunStatus meant = ((StatusBecomes) rule.condition()).status();
      if (changed.before().equals(Optional.of(meant))) {
        endStatus(rule, changed);
      } else if (meant == now
          && !changed.run().isDeleted()
          && rule.scope().contains(changed.run())) {
        long at = atMicros(changed);
        firings.fire(
            new Firings.Found(
                rule,
                changed.run().id(),
                changed.attempt().id(),
                cause(changed.attempt(), now),
                Optional.of(now.word()),
                Optional.empty(),
                at),
            Instants.ofMicros(at),
            changed.attempt().id() == changed.run().lastAttemptId());
      }
    }
  }

  /** What was found of an attempt no longer holds. */
  private void endOpen(AlertRule rule, long runId, long attemptId) {
    store.alerts().firings(rule.name(), runId).stream()
        .filter(firing -> firing.isOpen() && firing.attemptId() == attemptId)
        .forEach(firing -> firings.end(firing, Optional.empty()));
  }

  private static String cause(Attempt attempt, RunStatus status) {
    return "attempt:%d %s".formatted(attempt.id(), status.word());
  }

  private void endStatus(AlertRule rule, NewStatus changed) {
    String cause = cause(changed.attempt(), changed.before().orElseThrow());
    store.alerts().firings(rule.name(), changed.run().id()).stream()
        .filter(firing -> firing.isOpen() && firing.cause().equals(cause))
        .forEach(firing -> firings.end(firing, Optional.empty()));
  }

  /** When it ended, or began; now when nobody said. */
  private long atMicros(NewStatus changed) {
    Long ended = changed.standing().verdict().finishedMicros();
    return Optional.ofNullable(ended)
        .or(() -> changed.attempt().start().map(Said::value).map(Start::startedMicros))
        .orElseGet(() -> Instants.micros(rules.clock().instant()));
  }

  private void store(AlertAction action) {
    if (action instanceof AlertAction.Fire fire) {
      store(fire);
    } else if (action instanceof AlertAction.End end) {
      firings.end(end.firing(), Optional.of(end.endedSeq()));
    } else if (action instanceof AlertAction.EndStreak end) {
      String cause = cause(end.stream(), end.metric(), end.firstSeq());
      store.alerts().firings(end.rule().name(), end.stream().runId()).stream()
          .filter(firing -> firing.cause().equals(cause) && firing.endedSeq().isEmpty())
          .forEach(firing -> firings.end(firing, Optional.of(end.endedSeq())));
    }
  }

  private void store(AlertAction.Fire fire) {
    long runId = fire.stream().runId();
    Optional<AlertedRun> run = store.alerts().run(runId);
    if (run.filter(AlertedRun::isDeleted).isPresent()) {
      return;
    }
    if (fire.rule().scope().isLimited()) {
      if (run.filter(AlertedRun::isKnown).isEmpty()) {
        waiting.add(fire);
        return;
      }
      if (!fire.rule().scope().contains(run.get())) {
        return;
      }
    }
    firings.fire(
        new Firings.Found(
            fire.rule(),
            runId,
            fire.stream().attemptId(),
            cause(fire.stream(), fire.metric(), fire.firstSeq()),
            Optional.empty(),
            Optional.of(
                new Firing.Point(
                    fire.stream().writerId(),
                    fire.metric(),
                    fire.firstSeq(),
                    fire.step(),
                    fire.value())),
            fire.atMicros()),
        Instants.ofMicros(fire.atMicros()),
        run.filter(known -> known.lastAttemptId() != fire.stream().attemptId()).isEmpty());
  }

  private static String cause(StreamKey stream, String metric, long firstSeq) {
    return "attempt:%d writer:%d seq:%d %s"
        .formatted(stream.attemptId(), stream.writerId(), firstSeq, metric);
  }

  /** What was found of older attempts no longer says how the run is. */
  private void endOtherAttempts(AlertedRun run) {
    for (AlertRule rule : rules.rules()) {
      store.alerts().firings(rule.name(), run.id()).stream()
          .filter(firing -> firing.isOpen() && firing.attemptId() != run.lastAttemptId())
          .forEach(firing -> firings.end(firing, firing.endedSeq()));
    }
  }

  /**
   * Fires for the running runs that have been silent for too long.
   *
   * @return as {@link #flush}
   */
  boolean lookForSilence() {
    return evaluated(silence::look);
  }

  /** Does it under its own savepoint, so that a rule that fails takes nothing else with it. */
  private boolean evaluated(Runnable work) {
    try {
      return store.underSavepoint(
          () -> {
            refusing(work);
            return true;
          });
    } catch (RefusedDataException | PoisonException e) {
      failed(e);
      return false;
    }
  }

  private static void refusing(Runnable work) {
    try {
      work.run();
    } catch (StoreFailure | RefusedDataException | PoisonException e) {
      throw e;
    } catch (RuntimeException e) {
      throw RefusedDataException.unfoldable(e);
    }
  }

  private void failed(RuntimeException e) {
    forget();
    rules.listener().failed(e.toString());
  }

  /** Reports what was stored, once it is committed. */
  void committed() {
    int fired = firings.takeFired();
    if (fired > 0) {
      rules.listener().fired(fired);
    }
  }

  /** Forgets what is in memory of some runs, between two batches. */
  void forget(Set<Long> runs) {
    waiting.forget(runs);
    silence.forget(runs);
  }

  /** Forgets what is in memory, because the store went back to an earlier state. */
  void forget() {
    statuses.clear();
    actions.clear();
    resumed.clear();
    waiting.forget();
    silence.forget();
    firings.forget();
  }
}
