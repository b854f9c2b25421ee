package io.runledger.query.runs;

/**
 * Events that a job could not store, as it reported itself.
 *
 * @param attemptId the attempt
 * @param topic the topic that they were for
 * @param count how many
 * @param reason why
 */
public record DroppedEvents(long attemptId, String topic, long count, String reason) {}
