package io.runledger.query.runs;

import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * One life of a run. Instants are by the job's clock.
 *
 * @param attemptId its id, ordered by time
 * @param startedAt when it started; empty while its start has not come yet
 * @param host the machine
 * @param user the user
 * @param pid id of the process
 * @param command the program's name
 * @param gitCommit the commit that was checked out
 * @param gitDirty whether tracked files differed from it
 * @param resumedFromStep first step that it computed again
 * @param supersededFromStep its points from this step on were computed again by a later attempt
 * @param config its configuration, JSON
 * @param configTruncatedBytes bytes that were cut off the configuration
 * @param configDrift whether its configuration differs from the first attempt's
 * @param maskedKeys entries of its configuration whose values were masked as secrets, sorted
 * @param status its status
 * @param statusReason why
 * @param statusSource who said so
 * @param exitCode exit code of the process
 * @param finishedAt when it ended
 * @param statusRule which rule decided its status, a word of the page on the database
 * @param lastHeartbeatAt when it was last known to be alive
 * @param heartbeatSeconds seconds after which the next heartbeat was due
 * @param droppedEvents events that it could not store
 */
public record Attempt(
    long attemptId,
    Optional<Instant> startedAt,
    Optional<String> host,
    Optional<String> user,
    OptionalLong pid,
    Optional<String> command,
    Optional<String> gitCommit,
    Optional<Boolean> gitDirty,
    OptionalLong resumedFromStep,
    OptionalLong supersededFromStep,
    Optional<String> config,
    long configTruncatedBytes,
    boolean configDrift,
    List<String> maskedKeys,
    RunStatus status,
    Optional<String> statusReason,
    Optional<StatusSource> statusSource,
    OptionalInt exitCode,
    Optional<Instant> finishedAt,
    Optional<String> statusRule,
    Optional<Instant> lastHeartbeatAt,
    OptionalInt heartbeatSeconds,
    long droppedEvents) {}
