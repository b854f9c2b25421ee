package io.runledger.service.live;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** When to try again after an outage: soon at first, then every few seconds. Not thread-safe. */
final class Backoff {

  private static final Duration FIRST = Duration.ofMillis(200);

  /** Whoever repairs a disk or a registry should see the service resume within seconds. */
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final InstantSource clock;
  private Duration wait = Duration.ZERO;
  private Instant due = Instant.MIN;

  Backoff(InstantSource clock) {
    this.clock = clock;
  }

  void failed() {
    wait = wait.isZero() ? FIRST : wait.multipliedBy(2);
    if (wait.compareTo(LONGEST) > 0) {
      wait = LONGEST;
    }
    due = clock.instant().plus(wait);
  }

  void succeeded() {
    wait = Duration.ZERO;
    due = Instant.MIN;
  }

  boolean waiting() {
    return !wait.isZero();
  }

  boolean isDue() {
    return !clock.instant().isBefore(due);
  }
}
