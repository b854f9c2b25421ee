package io.runledger.fold.run;

import io.runledger.fold.Verdict;

/**
 * What follows for an attempt from all that is known of its run.
 *
 * @param ordinal its place among the attempts of the run, 1 for the oldest
 * @param supersededFromStep the step from which on newer attempts supersede its points; null when
 *     they do not
 * @param configDrift whether its configuration is another than the run's
 * @param verdict its status, and whose word decided it
 * @param droppedEvents how many events it had to drop, as far as 63 bits count
 */
public record Standing(
    long ordinal,
    Long supersededFromStep,
    boolean configDrift,
    Verdict verdict,
    long droppedEvents) {}
