package io.runledger.fold.projection;

import io.runledger.fold.batch.Position;

/**
 * Missing history that an operator accepted.
 *
 * @param at the partition and topic id
 * @param from first offset that is missing
 * @param to first offset after the gap
 * @param reason the sentence
 */
public record AcceptedHistoryGap(Position at, long from, long to, String reason) {

  /** For people. */
  public String sentence() {
    return "%s partition %d, offsets %d to %d: %s"
        .formatted(at.topic(), at.partition(), from, to - 1, reason);
  }
}
