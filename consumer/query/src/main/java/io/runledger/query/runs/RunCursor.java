package io.runledger.query.runs;

import io.runledger.schemas.RunId;

/**
 * A run's place in the order of creation, which it keeps: whoever reads page by page continues
 * behind it, whatever was created meanwhile.
 *
 * @param firstAttemptId the id of its first attempt, ordered by time
 * @param run the run; distinguishes runs that began at the same time
 */
public record RunCursor(long firstAttemptId, RunId run) {}
