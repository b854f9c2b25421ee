package io.runledger.query;

import io.runledger.schemas.RunId;
import java.util.OptionalLong;

/**
 * A run that somebody named.
 *
 * @param run its id
 * @param newestAttempt the id of its newest attempt, if one is known
 */
public record LocatedRun(RunId run, OptionalLong newestAttempt) {}
