package io.runledger.web.health;

import java.util.Optional;
import java.util.function.LongSupplier;

/** How many events are applied in a second, measured between those who ask. Thread-safe. */
final class EventRate {

  private static final double NANOS = 1e9;

  /** A rate over less time would be that of one commit. */
  private static final long SHORTEST_NANOS = 1_000_000_000L;

  private final LongSupplier nanos;
  private boolean wasAsked;
  private long eventsThen;
  private long nanosThen;
  private Optional<Double> rate = Optional.empty();

  /**
   * @param nanos the time, as {@link System#nanoTime} has it
   */
  EventRate(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Events a second since somebody asked, a second ago or longer; empty for the first time.
   *
   * @param events how many have been applied
   */
  synchronized Optional<Double> at(long events) {
    long now = nanos.getAsLong();
    if (!wasAsked || now - nanosThen >= SHORTEST_NANOS) {
      if (wasAsked) {
        // A rebuild may have fewer.
        rate = Optional.of(Math.max(0, events - eventsThen) * NANOS / (now - nanosThen));
      }
      wasAsked = true;
      eventsThen = events;
      nanosThen = now;
    }
    return rate;
  }
}
