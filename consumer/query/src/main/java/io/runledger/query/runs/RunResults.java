package io.runledger.query.runs;

import java.time.Instant;
import java.util.Optional;

/**
 * Final, aggregated results of a run.
 *
 * @param attemptId the attempt
 * @param results one JSON object, as the job gave it
 * @param at when, by the job's clock, to the second; empty where its year is not one of 1 to 9999
 */
public record RunResults(long attemptId, String results, Optional<Instant> at) {}
