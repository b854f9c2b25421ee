package io.runledger.query.overview;

/**
 * How far one stream of a run has come.
 *
 * @param attemptId the attempt
 * @param writerId the writer
 * @param topic the kind of topic, such as {@code runledger.runs}
 * @param lastSeq the highest number that has come
 * @param events how many numbers have come
 */
public record StreamEnd(long attemptId, long writerId, String topic, long lastSeq, long events) {

  /** Whether all events up to this number are there. */
  public boolean has(long seq) {
    return lastSeq >= seq && events == lastSeq + 1;
  }
}
