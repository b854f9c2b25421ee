package io.runledger.client;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * The clock that a program handed over, for as long as it gives a time that an id can hold (1970 to
 * 2109); the machine's otherwise. Never throws.
 */
final class JobClock extends Clock {

  /** The first millisecond that does not fit into the 42 bits of an id. */
  private static final long END_MILLIS = 1L << 42;

  private final Clock given;

  JobClock(Clock given) {
    this.given = given;
  }

  @Override
  public Instant instant() {
    try {
      Instant told = given.instant();
      long millis = told.toEpochMilli();
      if (millis >= 0 && millis < END_MILLIS) {
        return told;
      }
    } catch (RuntimeException | Error e) {
      // As for any other argument: the training continues without it.
      return Instant.now();
    }
    return Instant.now();
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
