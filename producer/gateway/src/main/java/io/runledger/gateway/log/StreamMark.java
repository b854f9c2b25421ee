package io.runledger.gateway.log;

import io.runledger.schemas.RunId;

/**
 * The number of the last event of a stream that was stored.
 *
 * @param run the run
 * @param attempt the attempt
 * @param writer the writer, which is one file
 * @param topic the kind of topic, such as {@code runledger.runs}
 * @param seq the number
 */
public record StreamMark(RunId run, long attempt, long writer, String topic, long seq) {

  /** Whether both are of one stream. */
  public boolean isOfStreamOf(StreamMark other) {
    return run.equals(other.run)
        && attempt == other.attempt
        && writer == other.writer
        && topic.equals(other.topic);
  }
}
