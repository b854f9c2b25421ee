package io.runledger.service.alert;

import io.runledger.fold.alert.DueDelivery;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.service.database.LiveProjection;
import io.runledger.service.health.AlertCounter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings firings to one of those to whom they go, on a thread of its own, and records in the
 * database what became of each. What is not recorded as delivered is tried again: a receiver may
 * get a message more than once.
 */
final class Deliverer implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(Deliverer.class);

  /** Read at a time: few, so that little is read again when one of them fails. */
  private static final int PAGE = 20;

  private static final Duration FIRST_WAIT = Duration.ofSeconds(5);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

  /** An outage of a weekend is not worth the thousands of tries. */
  private static final Duration GIVING_UP = Duration.ofHours(24);

  private static final Duration AFTER_TROUBLE = Duration.ofSeconds(2);

  private final Target target;
  private final LiveProjection projection;
  private final AlertCounter counter;
  private final Turn turn;
  private final InstantSource clock;
  private final Semaphore wakes = new Semaphore(0);
  private volatile boolean ending;
  private boolean isFailing;

  /** Whose turn it is to deliver, where several services write the same database. */
  interface Turn {

    /** Whether it is this service's; asked before each delivery. */
    boolean isOurs();

    /** How long it may take until what others found, or a clock that was set, is noticed. */
    Duration longestSleep();
  }

  Deliverer(
      Target target,
      LiveProjection projection,
      AlertCounter counter,
      Turn turn,
      InstantSource clock) {
    this.target = target;
    this.projection = projection;
    this.counter = counter;
    this.turn = turn;
    this.clock = clock;
  }

  /** Has it look for what is due, now. */
  void wake() {
    wakes.release();
  }

  /** Has it return once the message in hand is delivered. */
  void end() {
    ending = true;
    wake();
  }

  @Override
  public void run() {
    try {
      while (!ending) {
        wakes.drainPermits();
        sleep(step());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      LOG.error("Alerts no longer reach '{}'; restart the service.", target.name(), e);
    }
  }

  private void sleep(Duration time) throws InterruptedException {
    if (!ending && wakes.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.trace("Woken up.");
    }
  }

  /** Delivers what is due, and returns how long there is nothing to do. */
  private Duration step() throws InterruptedException {
    try {
      List<DueDelivery> due = projection.dueDeliveries(target.name(), clock.instant(), PAGE);
      for (DueDelivery one : due) {
        if (ending) {
          return Duration.ZERO;
        }
        if (!turn.isOurs()) {
          return turn.longestSleep();
        }
        deliver(one);
      }
      counter.pending(projection.pendingDeliveries());
      return due.size() == PAGE ? Duration.ZERO : untilNext();
    } catch (ProjectionUnavailableException | ProjectionDamagedException e) {
      // Whoever applies finds the same trouble, and says so.
      LOG.debug("The database cannot be asked which alerts are due.", e);
      return AFTER_TROUBLE;
    }
  }

  private Duration untilNext() {
    Duration wait =
        projection
            .nextDelivery(target.name())
            .map(next -> Duration.between(clock.instant(), next))
            .orElse(turn.longestSleep());
    if (wait.isNegative()) {
      return Duration.ofMillis(10);
    }
    return wait.compareTo(turn.longestSleep()) > 0 ? turn.longestSleep() : wait.plusMillis(1);
  }

  private void deliver(DueDelivery due) throws InterruptedException {
    Optional<String> failure = tried(due);
    Instant now = clock.instant();
    if (failure.isEmpty()) {
      projection.delivered(due.firing(), target.name(), now);
      counter.delivered();
      report(due, Optional.empty());
      return;
    }
    counter.failed();
    boolean isGivenUp = due.firing().firedAt().plus(GIVING_UP).isBefore(now);
    projection.notDelivered(
        due.firing(),
        target.name(),
        failure.get(),
        isGivenUp ? Optional.empty() : Optional.of(now.plus(wait(due.tries()))));
    report(due, failure);
    if (isGivenUp) {
      LOG.warn(
          "Alert {} could not be delivered to '{}' for {} h and is not tried again.",
          due.firing().id(),
          target.name(),
          GIVING_UP.toHours());
    }
  }

  /** What kept it from arriving, if something did. */
  private Optional<String> tried(DueDelivery due) throws InterruptedException {
    try {
      return target.deliver(AlertMessage.of(due));
    } catch (RuntimeException e) {
      // Nobody foresaw it for this alert: the others must not wait for a restart.
      // Its message may quote an address with a secret.
      String kind = e.getClass().getSimpleName();
      RuntimeException place = new RuntimeException(kind);
      place.setStackTrace(e.getStackTrace());
      LOG.error("Alert {} met an error before '{}'.", due.firing().id(), target.name(), place);
      return Optional.of("An error in Runledger, which the log describes: %s.".formatted(kind));
    }
  }

  /** Once for each outage, and not for each alert that waits for its end. */
  private void report(DueDelivery due, Optional<String> failure) {
    if (failure.isPresent() && !isFailing) {
      LOG.warn(
          "Alert {} could not be delivered to '{}' ({}): {} It is tried again, at first after {} s.",
          due.firing().id(),
          target.name(),
          target.words(),
          failure.get(),
          FIRST_WAIT.toSeconds());
    } else if (failure.isEmpty() && isFailing) {
      LOG.info("Alerts reach '{}' again.", target.name());
    }
    isFailing = failure.isPresent();
  }

  /** How long to wait after a try that failed, by how many failed before it. */
  static Duration wait(int tries) {
    Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(tries, 10));
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }
}
