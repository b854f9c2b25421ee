package io.runledger.query;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunStatus;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A run that somebody named or chose, deleted or not.
 *
 * @param run its id
 * @param newestAttempt the id of its newest attempt, if one is known
 * @param status its status
 * @param name its name; empty while its start has not come yet
 */
public record LocatedRun(
    RunId run, OptionalLong newestAttempt, RunStatus status, Optional<String> name) {}
