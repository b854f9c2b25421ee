package io.runledger.fold.apply;

import io.runledger.fold.Instants;
import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.AlertRules;
import io.runledger.fold.alert.AlertedRun;
import io.runledger.fold.alert.Condition.NoValue;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.store.AlertStore;
import io.runledger.schemas.MetricValues;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.event.MetricRow;
import io.runledger.schemas.event.MetricsLogged;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * When each running run logged its last value, and what rules make of it. What is not in memory is
 * read from the store: once for each run that is running. Not thread-safe.
 */
final class Silence {

  /** A sampler logs these whether or not the training makes progress. */
  private static final String SYSTEM = "system/";

  /** The status of runs of which values are expected. */
  private static final String RUNNING = RunStatus.RUNNING.word();

  /** Runs whose last values are read from the store in one look, so that none takes long. */
  private static final int READ_A_LOOK = 200;

  /** Attempts whose last values are remembered, some 200 bytes each. */
  private static final int REMEMBERED = 50_000;

  private record AttemptName(long run, long attempt) {}

  private final AlertRules rules;
  private final List<AlertRule> ofSilence;
  private final AlertStore store;
  private final Firings firings;

  /** Keeps other writers away from runs; empty where this one sees all values itself. */
  private final Optional<Consumer<SortedSet<Long>>> taking;

  private final Map<AttemptName, LastValue> values = new HashMap<>();
  private final Set<AttemptName> broken = new HashSet<>();

  /** Of which the store knows neither a value nor a start; asked again after all others. */
  private final Set<AttemptName> unknown = new HashSet<>();

  Silence(
      AlertRules rules,
      AlertStore store,
      Firings firings,
      Optional<Consumer<SortedSet<Long>>> taking) {
    this.taking = taking;
    this.rules = rules;
    this.ofSilence = rules.ofSilence();
    this.store = store;
    this.firings = firings;
  }

  /** Takes a record of metrics in. */
  void see(Stream stream, MetricsLogged logged) {
    if (ofSilence.isEmpty()) {
      return;
    }
    List<MetricRow> calls = logged.getRows();
    for (int i = calls.size() - 1; i >= 0; i--) {
      MetricRow call = calls.get(i);
      if (isOfTheTraining(MetricValues.of(call.getValues()).names())) {
        if (!stream.seen.contains(logged.getFirstSeq() + i)) {
          heard(stream, Instants.micros(call.getAt()));
        }
        return;
      }
    }
  }

  private static boolean isOfTheTraining(List<String> names) {
    for (String name : names) {
      if (!name.startsWith(SYSTEM)) {
        return true;
      }
    }
    return false;
  }

  private void heard(Stream stream, long atMicros) {
    AttemptName name = new AttemptName(stream.key.runId(), stream.key.attemptId());
    LastValue last = values.get(name);
    if (last == null) {
      last = new LastValue(atMicros);
      values.put(name, last);
      broken.add(name);
    } else if (!last.fired.isEmpty()) {
      broken.add(name);
    }
    last.atMicros = Math.max(last.atMicros, atMicros);
    last.heardAt = Optional.of(rules.clock().instant());
  }

  /** Whether pauses may have ended. */
  boolean isChanged() {
    return !broken.isEmpty();
  }

  /** Ends the pauses of the attempts that logged a value. */
  void flush() {
    for (AttemptName name : broken) {
      LastValue last = values.get(name);
      for (AlertRule rule : ofSilence) {
        for (Firing firing : store.firings(rule.name(), name.run())) {
          if (firing.isOpen()
              && firing.attemptId() == name.attempt()
              && firing.atMicros() < last.atMicros) {
            firings.end(firing, Optional.empty());
          }
        }
      }
      last.fired.clear();
    }
    broken.clear();
    if (values.size() > REMEMBERED) {
      values.clear();
    }
  }

  /** Fires for the running runs that have been silent for too long. */
  void look() {
    if (ofSilence.isEmpty()) {
      return;
    }
    List<AlertedRun> running = store.running();
    Set<AttemptName> names = new HashSet<>();
    running.forEach(run -> names.add(new AttemptName(run.id(), run.lastAttemptId())));
    values.keySet().retainAll(names);
    unknown.retainAll(names);
    int read = 0;
    Map<AttemptName, LastValue> suspected = new LinkedHashMap<>();
    for (AlertedRun run : running) {
      AttemptName name = new AttemptName(run.id(), run.lastAttemptId());
      LastValue last = values.get(name);
      if (last == null && read < READ_A_LOOK && !unknown.contains(name)) {
        read++;
        last = load(run);
        if (last == null) {
          unknown.add(name);
        }
      }
      if (last != null && taking.isEmpty()) {
        look(run, last);
      } else if (last != null && (!last.fired.isEmpty() || isDue(run, last))) {
        suspected.put(name, last);
      }
    }
    if (read < READ_A_LOOK) {
      unknown.clear();
    }
    if (!suspected.isEmpty()) {
      SortedSet<Long> taken = new TreeSet<>();
      suspected.keySet().forEach(name -> taken.add(name.run()));
      taking.orElseThrow().accept(taken);
      suspected.forEach(this::lookAgain);
    }
  }

  private boolean isDue(AlertedRun run, LastValue last) {
    Instant now = rules.clock().instant();
    return ofSilence.stream()
        .filter(rule -> rule.scope().contains(run))
        .map(rule -> last.since().plus(((NoValue) rule.condition()).duration()))
        .anyMatch(due -> !due.isAfter(now));
  }

  /**
   * Looks at a run that seems to be silent, or was: its values may be applied by another writer,
   * and only the store knows them all. Nobody else changes the run meanwhile.
   */
  private void lookAgain(AttemptName name, LastValue last) {
    Optional<AlertedRun> run =
        store
            .run(name.run())
            .filter(now -> now.status().equals(RUNNING) && !now.isDeleted())
            .filter(now -> now.lastAttemptId() == name.attempt());
    if (run.isEmpty()) {
      return;
    }
    OptionalLong stored = store.lastValueMicros(name.run(), name.attempt(), SYSTEM);
    if (stored.isPresent() && stored.getAsLong() > last.atMicros) {
      last.atMicros = stored.getAsLong();
      last.heardAt = Optional.empty();
    }
    values.put(name, last);
    broken.add(name);
    flush();
    look(run.get(), last);
  }

  /** The last value of a run, or its start where it has none; null when neither is known. */
  private LastValue load(AlertedRun run) {
    OptionalLong value = store.lastValueMicros(run.id(), run.lastAttemptId(), SYSTEM);
    if (value.isEmpty() && run.startedMicros() == null) {
      return null;
    }
    LastValue last =
        new LastValue(value.isPresent() ? value.getAsLong() : (long) run.startedMicros());
    values.put(new AttemptName(run.id(), run.lastAttemptId()), last);
    if (taking.isPresent()) {
      noteOpenFirings(run, last);
    }
    return last;
  }

  /** What another writer found when it was its turn to look: whether it holds is to be seen. */
  private void noteOpenFirings(AlertedRun run, LastValue last) {
    for (AlertRule rule : ofSilence) {
      if (store.firings(rule.name(), run.id()).stream().anyMatch(Firing::isOpen)) {
        last.fired.add(rule.name());
      }
    }
  }

  private void look(AlertedRun run, LastValue last) {
    Instant now = rules.clock().instant();
    Instant since = last.since();
    for (AlertRule rule : ofSilence) {
      Duration limit = ((NoValue) rule.condition()).duration();
      if (!since.plus(limit).isAfter(now)
          && rule.scope().contains(run)
          && last.fired.add(rule.name())) {
        fire(rule, run, last.atMicros, limit);
      }
    }
  }

  private void fire(AlertRule rule, AlertedRun run, long lastMicros, Duration limit) {
    for (Firing known : store.firings(rule.name(), run.id())) {
      boolean isOfThisPause =
          known.attemptId() == run.lastAttemptId()
              && (known.isOpen() || known.atMicros() == lastMicros);
      if (isOfThisPause) {
        if (!known.isOpen()) {
          firings.reopen(known);
        }
        return;
      }
    }
    firings.fire(
        new Firings.Found(
            rule,
            run.id(),
            run.lastAttemptId(),
            "attempt:%d no value after %d".formatted(run.lastAttemptId(), lastMicros),
            Optional.empty(),
            Optional.empty(),
            lastMicros),
        Instants.ofMicros(lastMicros).plus(limit),
        true);
  }

  /** Forgets what is in memory of some runs, between two batches. */
  void forget(Set<Long> runs) {
    values.keySet().removeIf(name -> runs.contains(name.run()));
    broken.removeIf(name -> runs.contains(name.run()));
    unknown.removeIf(name -> runs.contains(name.run()));
  }

  /** Forgets what is in memory, because the store went back to an earlier state. */
  void forget() {
    values.clear();
    broken.clear();
    unknown.clear();
  }
}
