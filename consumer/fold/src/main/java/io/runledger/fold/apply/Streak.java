package io.runledger.fold.apply;

import io.runledger.fold.EventKey.StreamKey;
import io.runledger.fold.Instants;
import io.runledger.fold.Series;
import io.runledger.fold.alert.AlertRule;
import io.runledger.fold.alert.Condition.MetricIs;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.store.MetricStore;
import io.runledger.schemas.event.MetricRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How many of the last values of a series pass the test of a rule, one after the other. Values with
 * lower numbers than one that was seen come late and change nothing. Not thread-safe.
 */
final class Streak {

  /** Points read at a time to find where a streak began that is older than its rule. */
  private static final int PAGE = 1_000;

  private final AlertRule rule;
  private final MetricIs condition;
  private final StreamKey stream;
  private final Optional<Series> stored;
  private final MetricStore store;
  private final Long cut;
  private long lastSeq = -1;
  private long length;
  private long firstSeq = -1;

  /** Whether values before {@link #firstSeq} were not looked at. */
  private boolean mayBeginEarlier;

  private boolean hasFired;

  private Streak(
      AlertRule rule, StreamKey stream, Optional<Series> stored, MetricStore store, Long cut) {
    this.rule = rule;
    this.condition = (MetricIs) rule.condition();
    this.stream = stream;
    this.stored = stored;
    this.store = store;
    this.cut = cut;
  }

  private record Seen(long seq, boolean passes) {}

  /**
   * As the store has the series, before a batch.
   *
   * @param stored the series; empty when the store has no point of it
   * @param cut the step from which on the points of the attempt are superseded, null when none are
   * @param known what the rule found of the run
   * @param actions takes the end of a streak that ended while no rules were evaluated
   */
  static Streak load(
      AlertRule rule,
      StreamKey stream,
      Optional<Series> stored,
      MetricStore store,
      Long cut,
      List<Firing> known,
      List<AlertAction> actions) {
    Streak streak = new Streak(rule, stream, stored, store, cut);
    streak.load(known, actions);
    return streak;
  }

  private void load(List<Firing> known, List<AlertAction> actions) {
    List<Seen> seen = before(Long.MAX_VALUE, condition.points());
    if (seen.isEmpty()) {
      return;
    }
    lastSeq = seen.get(0).seq();
    Optional<Firing> covering =
        known.stream()
            .filter(firing -> firing.point().filter(this::isOfThisSeries).isPresent())
            .filter(firing -> firing.point().get().firstSeq() <= lastSeq)
            .filter(firing -> firing.endedSeq().filter(end -> end <= lastSeq).isEmpty())
            .max(Comparator.comparingLong(firing -> firing.point().get().firstSeq()));
    for (Seen point : seen) {
      if (!point.passes()) {
        covering
            .filter(firing -> firing.point().get().firstSeq() < point.seq())
            .ifPresent(firing -> actions.add(new AlertAction.End(firing, point.seq())));
        return;
      }
      length++;
      firstSeq = point.seq();
    }
    mayBeginEarlier = seen.size() == condition.points();
    if (covering.isPresent()) {
      hasFired = true;
      mayBeginEarlier = false;
      firstSeq = covering.get().point().get().firstSeq();
    }
  }

  private boolean isOfThisSeries(Firing.Point point) {
    return point.writerId() == stream.writerId() && point.metric().equals(condition.metric());
  }

  /** The last points before one that stand, the last one first. */
  private List<Seen> before(long seq, int limit) {
    List<Seen> seen = new ArrayList<>();
    stored.ifPresent(
        series ->
            store.readLastPoints(
                series.id(),
                seq,
                limit,
                (found, step, epoch, value) -> {
                  if (!isCut(step)) {
                    seen.add(new Seen(found, condition.test().passes(value)));
                  }
                }));
    return seen;
  }

  private boolean isCut(Long step) {
    return cut != null && step != null && step >= cut;
  }

  /** Takes the next value in. */
  void see(long seq, MetricRow call, double value, List<AlertAction> actions) {
    Long step = call.getStep();
    if (seq <= lastSeq || isCut(step)) {
      return;
    }
    lastSeq = seq;
    if (!condition.test().passes(value)) {
      if (hasFired) {
        actions.add(new AlertAction.EndStreak(rule, stream, condition.metric(), firstSeq, seq));
      }
      length = 0;
      hasFired = false;
      mayBeginEarlier = false;
      return;
    }
    if (length == 0) {
      firstSeq = seq;
    }
    length++;
    if (length >= condition.points() && !hasFired) {
      findBeginning();
      hasFired = true;
      actions.add(
          new AlertAction.Fire(
              rule,
              stream,
              condition.metric(),
              firstSeq,
              step,
              Instants.micros(call.getAt()),
              value));
    }
  }

  /** A rule that is younger than the streak fires for the same cause wherever it is loaded. */
  private void findBeginning() {
    while (mayBeginEarlier) {
      List<Seen> earlier = before(firstSeq, PAGE);
      mayBeginEarlier = earlier.size() == PAGE;
      for (Seen point : earlier) {
        if (!point.passes()) {
          mayBeginEarlier = false;
          return;
        }
        firstSeq = point.seq();
      }
    }
  }
}
