package io.runledger.query.overview;

import io.runledger.schemas.RunId;
import java.util.Optional;

/**
 * Errors that are alike: of one type, with the same first line. Attempts that failed without an
 * error are alike where their reasons are.
 *
 * @param exceptionType type of the exception; empty for ends without an error
 * @param line first line of the message, or the reason; cut to 300 characters
 * @param errors how many
 * @param runs of how many runs
 * @param firstAt when the first one was, as the database has times
 * @param lastAt when the last one was
 * @param lastRun the run that had it
 */
public record ErrorGroup(
    Optional<String> exceptionType,
    Optional<String> line,
    long errors,
    long runs,
    Optional<String> firstAt,
    Optional<String> lastAt,
    RunId lastRun) {}
