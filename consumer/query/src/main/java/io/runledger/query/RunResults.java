package io.runledger.query;

import java.time.Instant;

/**
 * Final, aggregated results of a run.
 *
 * @param attemptId the attempt
 * @param results one JSON object, as the job gave it
 * @param at when, by the job's clock, to the second
 */
public record RunResults(long attemptId, String results, Instant at) {}
