package io.runledger.query.runs;

import io.runledger.schemas.RunId;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A SLURM job of an attempt: what its environment reported and, over it, what SLURM said last.
 *
 * @param runId the run
 * @param runName its name
 * @param attemptId the attempt
 * @param cluster name of the cluster; empty text where it is not known
 * @param jobId raw job id
 * @param arrayJobId id of the job array
 * @param arrayTaskId index in the array
 * @param restartCount how often it was requeued
 * @param jobName its name
 * @param state SLURM's word
 * @param reason SLURM's word
 * @param exitCode exit code of the batch script
 * @param exitSignal signal that ended it
 * @param nodes nodes in SLURM's bracket form
 * @param partition its partition
 * @param account its account
 * @param qos its quality of service
 * @param requested requested resources, JSON
 * @param allocated allocated resources, JSON
 * @param submittedAt when it was submitted
 * @param startedAt when it started
 * @param finishedAt when it ended
 * @param timeLimitSeconds its time limit
 */
public record SlurmJob(
    RunId runId,
    Optional<String> runName,
    long attemptId,
    String cluster,
    long jobId,
    OptionalLong arrayJobId,
    OptionalLong arrayTaskId,
    OptionalLong restartCount,
    Optional<String> jobName,
    Optional<String> state,
    Optional<String> reason,
    OptionalInt exitCode,
    OptionalInt exitSignal,
    Optional<String> nodes,
    Optional<String> partition,
    Optional<String> account,
    Optional<String> qos,
    Optional<String> requested,
    Optional<String> allocated,
    Optional<Instant> submittedAt,
    Optional<Instant> startedAt,
    Optional<Instant> finishedAt,
    OptionalLong timeLimitSeconds) {

  /** The id as SLURM's users write it: 4711, or 4700_3 for a task of an array. */
  public String label() {
    return arrayJobId.isPresent() && arrayTaskId.isPresent()
        ? arrayJobId.getAsLong() + "_" + arrayTaskId.getAsLong()
        : Long.toString(jobId);
  }
}
