package io.runledger.fold.apply;

import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.AlertRules;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.store.AlertStore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Stores what rules find, once for each cause. Works inside a transaction. Not thread-safe. */
final class Firings {

  /** Of one rule and run: a value that swings around its bound must not fill the database. */
  static final int MOST = 100;

  /**
   * What was found.
   *
   * @param cause follows from the events alone
   */
  record Found(
      AlertRule rule,
      long runId,
      long attemptId,
      String cause,
      Optional<String> status,
      Optional<Firing.Point> point,
      long atMicros) {}

  private final AlertRules rules;
  private final AlertStore store;
  private int fired;

  Firings(AlertRules rules, AlertStore store) {
    this.rules = rules;
    this.store = store;
  }

  /** How many were stored since the last call. */
  int takeFired() {
    int count = fired;
    fired = 0;
    return count;
  }

  /** Whether a rule says no more of a run. */
  boolean isExhausted(AlertRule rule, long runId) {
    List<Firing> known = store.firings(rule.name(), runId);
    return known.size() >= MOST && known.stream().noneMatch(Firing::isOpen);
  }

  /**
   * Stores a firing unless its cause fired before.
   *
   * @param at when it was found to be true, by the job's clock
   * @param holds whether it says how the run is now, and not how an older attempt was
   */
  void fire(Found found, Instant at, boolean holds) {
    Instant now = rules.clock().instant();
    Instant toTheSecond = now.truncatedTo(ChronoUnit.SECONDS);
    boolean isLate = at.plus(rules.maxAge()).isBefore(now);
    Firing firing =
        new Firing(
            found.rule().name(),
            found.runId(),
            found.attemptId(),
            found.cause(),
            found.rule().words(),
            found.status(),
            found.point(),
            found.atMicros(),
            isLate,
            toTheSecond,
            Optional.empty(),
            holds ? Optional.empty() : Optional.of(toTheSecond));
    List<Firing> known = store.firings(found.rule().name(), found.runId());
    Optional<Firing> same =
        known.stream().filter(one -> one.cause().equals(found.cause())).findFirst();
    if (same.isPresent()) {
      // Of a streak its own end is known, and comes again.
      same.filter(one -> holds && !one.isOpen() && one.point().isEmpty()).ifPresent(this::reopen);
      return;
    }
    if (known.size() < MOST && store.add(firing, isLate ? List.of() : rules.deliveries(), now)) {
      fired++;
    }
  }

  /** Notes that a firing no longer holds. */
  void end(Firing firing, Optional<Long> endedSeq) {
    store.putEnd(
        firing, endedSeq.orElse(null), rules.clock().instant().truncatedTo(ChronoUnit.SECONDS));
  }

  /** Notes that it holds again, for the same cause. */
  void reopen(Firing firing) {
    store.putEnd(firing, null, null);
  }

  /** Forgets what was counted, because the store went back to an earlier state. */
  void forget() {
    fired = 0;
  }
}
