package io.runledger.query.runs;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A run that was named or chosen, deleted or not.
 *
 * @param run its id
 * @param newestAttempt the id of its newest attempt, if one is known, or of the last word on the
 *     run that came behind it under an id that is not an attempt's: what is said under it counts
 *     last
 * @param status its status
 * @param name its name; empty while its start has not come yet
 */
public record LocatedRun(
    RunId run, OptionalLong newestAttempt, RunStatus status, Optional<String> name) {}
