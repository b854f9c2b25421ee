package io.runledger.schemas;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;

/**
 * Makes the ids of attempts and writers: positive 63-bit integers that grow with time.
 *
 * <p>The upper 42 bits are milliseconds since 1970, the lower 21 are random, so ids made in the
 * same millisecond are distinguished by chance (1 in 2 million for a pair); an id only has to be
 * unique inside its run. Thread-safe; ids of one generator strictly grow, also when its clock steps
 * back.
 */
public final class TimeOrderedId {

  private static final int RANDOM_BITS = 21;

  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private long last;

  public TimeOrderedId(Clock clock) {
    this.clock = clock;
  }

  /** The next id, greater than all before it. */
  public synchronized long next() {
    long candidate = clock.millis() << RANDOM_BITS | random.nextInt(1 << RANDOM_BITS);
    last = Math.max(candidate & Long.MAX_VALUE, last + 1);
    return last;
  }

  /** When the id was made, to the millisecond, by the clock of whoever made it. */
  public static Instant timeOf(long id) {
    return Instant.ofEpochMilli(id >>> RANDOM_BITS);
  }
}
