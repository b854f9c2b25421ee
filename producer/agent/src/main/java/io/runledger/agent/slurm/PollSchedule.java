package io.runledger.agent.slurm;

import java.time.Duration;

/**
 * When SLURM may be asked again: after the interval; after twice as long as before when the last
 * call failed or took long, up to five minutes. Not thread-safe.
 */
final class PollSchedule {

  /** A call that takes longer is a sign of a busy slurmctld. */
  static final Duration SLOW = Duration.ofSeconds(2);

  private static final Duration LONGEST = Duration.ofMinutes(5);

  private final Duration interval;
  private Duration wait;
  private long dueNanos;

  PollSchedule(Duration interval, long nowNanos) {
    this.interval = interval;
    this.wait = interval;
    this.dueNanos = nowNanos;
  }

  boolean isDue(long nowNanos) {
    return nowNanos - dueNanos >= 0;
  }

  /** A call has been made. */
  void called(boolean answered, Duration took, long nowNanos) {
    if (answered && took.compareTo(SLOW) <= 0) {
      wait = interval;
    } else {
      Duration doubled = wait.multipliedBy(2);
      wait = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    }
    dueNanos = nowNanos + wait.toNanos();
  }

  /** Current time between two calls. */
  Duration current() {
    return wait;
  }
}
