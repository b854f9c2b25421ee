package io.runledger.fold.batch;

import java.util.Optional;

/**
 * A range of the log that is gone, and that an operator agrees to continue without.
 *
 * @param at the partition, and the id of the topic that had the records
 * @param fromOffset first offset that is missing
 * @param toOffset first offset after the gap
 * @param reason why they are missing, in a sentence
 * @param resumeAt where reading resumes; empty when the partition itself is gone
 */
public record AcceptedGap(
    Position at, long fromOffset, long toOffset, String reason, Optional<Position> resumeAt) {}
