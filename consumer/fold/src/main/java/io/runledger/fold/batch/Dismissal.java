package io.runledger.fold.batch;

/**
 * That a dead letter was dismissed, by the place of its record, which every rebuild finds again.
 *
 * @param topicId id of the topic at the time
 * @param at when, {@code YYYY-MM-DD HH:MM:SS} UTC
 * @param reason why
 */
public record Dismissal(
    String topic, String topicId, int partition, long offset, String at, String reason) {}
