package io.runledger.query.runs;

import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import io.runledger.schemas.RunStatus;
import io.runledger.schemas.StatusSource;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A run. Instants are by the job's clock, to the second.
 *
 * @param id its id
 * @param key its run key; empty for a run named by project and name, or whose start has not come
 *     yet
 * @param project its project
 * @param name its name; empty while its start has not come yet
 * @param config its first attempt's configuration, JSON as the job gave it
 * @param configDrift whether a later attempt came with another configuration
 * @param notes free text
 * @param tags its tags, sorted
 * @param status its newest attempt's status
 * @param statusReason why, as far as anybody said
 * @param statusSource who said so
 * @param exitCode exit code of the process
 * @param slurmJobId raw SLURM job id of the newest attempt
 * @param slurmArrayTaskId its index in the job array
 * @param attempts how many attempts there were
 * @param firstAttemptId the id of the first of them, ordered by time
 * @param createdAt when its first attempt started
 * @param startedAt when its newest attempt started
 * @param finishedAt when its newest attempt ended
 * @param lastHeartbeatAt when its newest attempt was last known to be alive
 * @param heartbeatSeconds seconds after which that attempt's next heartbeat was due
 * @param missingEvents events that are known to exist and have not come (yet)
 * @param droppedEvents events that the job could not store and said so
 */
public record Run(
    RunId id,
    Optional<RunKey> key,
    Optional<String> project,
    Optional<String> name,
    Optional<String> config,
    boolean configDrift,
    Optional<String> notes,
    List<String> tags,
    RunStatus status,
    Optional<String> statusReason,
    Optional<StatusSource> statusSource,
    OptionalInt exitCode,
    OptionalLong slurmJobId,
    OptionalLong slurmArrayTaskId,
    int attempts,
    long firstAttemptId,
    Optional<Instant> createdAt,
    Optional<Instant> startedAt,
    Optional<Instant> finishedAt,
    Optional<Instant> lastHeartbeatAt,
    OptionalInt heartbeatSeconds,
    long missingEvents,
    long droppedEvents) {

  /**
   * Since when nothing was heard of it, although its status says that it continues: three
   * heartbeats are overdue. It may be dead, or cut off from the network.
   *
   * @param now the time now
   */
  public Optional<Instant> silentSince(Instant now) {
    return status.isEnd() || heartbeatSeconds.isEmpty()
        ? Optional.empty()
        : lastHeartbeatAt.filter(
            at -> now.isAfter(at.plusSeconds(3L * heartbeatSeconds.getAsInt())));
  }

  /** Its place among the newest, for {@link RunFilter#after}. */
  public RunCursor cursor() {
    return new RunCursor(List.of(), firstAttemptId, id);
  }

  /** The name, or the id where there is none. */
  public String label() {
    return name.orElseGet(id::toString);
  }
}
