package io.runledger.query.runs;

/**
 * A stream whose numbers have holes: events that never came, or not yet.
 *
 * @param attemptId the attempt
 * @param writerId the writer
 * @param topic the topic
 * @param missing how many events are missing
 * @param seen the numbers that came, closed ranges in ascending order: 0-99,120-140
 */
public record StreamGap(long attemptId, long writerId, String topic, long missing, String seen) {}
