package io.runledger.fold.alert;

import io.runledger.schemas.Sha256;
import java.time.Instant;
import java.util.Optional;

/**
 * That a rule fired for a run, once for one cause.
 *
 * @param rule the name of the rule
 * @param cause what fired it, which follows from the events alone
 * @param condition the rule in words, as it was then
 * @param status the status that the attempt got
 * @param point the value that fired it
 * @param atMicros when that was, microseconds since 1970 by the job's clock; of a pause, when the
 *     last value came before it
 * @param isLate whether it was too old to be delivered
 * @param firedAt when the service noticed, to the second
 * @param endedSeq of a streak, the number of the value that ended it
 * @param endedAt when the service noticed that it no longer holds, to the second
 */
public record Firing(
    String rule,
    long runId,
    long attemptId,
    String cause,
    String condition,
    Optional<String> status,
    Optional<Point> point,
    long atMicros,
    boolean isLate,
    Instant firedAt,
    Optional<Long> endedSeq,
    Optional<Instant> endedAt) {

  /** Characters of an id, 4 bits each. */
  private static final int ID_BYTES = 8;

  /**
   * A value that fired a rule.
   *
   * @param writerId who logged it
   * @param firstSeq the number of the streak's first value
   * @param step its step, null when it has none
   * @param value NaN included
   */
  public record Point(long writerId, String metric, long firstSeq, Long step, double value) {}

  /** Whether it still holds, as far as is known. */
  public boolean isOpen() {
    return endedAt.isEmpty();
  }

  /**
   * What receivers know it by: it follows from rule, run and cause, so that a message that comes
   * twice can be dropped.
   */
  public String id() {
    return Sha256.hex(rule + '\0' + runId + '\0' + cause, ID_BYTES);
  }
}
