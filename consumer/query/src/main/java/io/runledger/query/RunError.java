package io.runledger.query;

import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An error that a run logged.
 *
 * @param runId the run
 * @param runName its name
 * @param attemptId the attempt
 * @param exceptionType type of the exception
 * @param message its message
 * @param traceback its traceback
 * @param truncatedBytes bytes that were cut out of message and traceback
 * @param step the step it happened at
 * @param at when, by the job's clock, to the second; empty where its year is not one of 1 to 9999
 */
public record RunError(
    RunId runId,
    Optional<String> runName,
    long attemptId,
    String exceptionType,
    Optional<String> message,
    Optional<String> traceback,
    long truncatedBytes,
    OptionalLong step,
    Optional<Instant> at) {}
