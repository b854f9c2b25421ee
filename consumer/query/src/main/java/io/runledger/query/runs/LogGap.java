package io.runledger.query.runs;

/**
 * Records that no longer exist in the log and that an operator accepted as lost.
 *
 * @param topic Kafka topic
 * @param partition its partition
 * @param fromOffset first offset that is missing
 * @param toOffset first offset after the gap
 * @param reason why, in a sentence
 */
public record LogGap(String topic, int partition, long fromOffset, long toOffset, String reason) {

  /** How many offsets are missing. */
  public long records() {
    return toOffset - fromOffset;
  }
}
