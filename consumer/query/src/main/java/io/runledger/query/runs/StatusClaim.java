package io.runledger.query.runs;

import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A report about the status of an attempt.
 *
 * @param attemptId the attempt
 * @param writerId the process that said it, ordered by time
 * @param at when, by its clock
 * @param status the status
 * @param exitCode exit code of the process
 * @param reason why
 * @param source who
 */
public record StatusClaim(
    long attemptId,
    long writerId,
    Instant at,
    RunStatus status,
    OptionalInt exitCode,
    Optional<String> reason,
    StatusSource source) {}
