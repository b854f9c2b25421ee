package io.runledger.agent.slurm;

import io.runledger.schemas.SlurmState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What SLURM says of a job at one moment. Texts are empty where SLURM says nothing.
 *
 * @param jobId the raw id; each task of an array has its own
 * @param arrayJobId id of the array that it is a task of
 * @param arrayTaskId its index in the array
 * @param state SLURM's word
 * @param reason SLURM's word for why it waits or ended
 * @param exitCode exit code of the batch script, 0 to 255
 * @param exitSignal signal that ended the batch script
 * @param derivedExitCode highest exit code of its steps
 * @param submitTime when it was submitted
 * @param startTime when it started, or is expected to
 * @param endTime when it ended, or is expected to at the latest
 * @param timeLimitSeconds seconds that it may take
 * @param nodes nodes in bracket form
 * @param partition partition
 * @param account account
 * @param qos quality of service
 * @param name name of the job
 * @param requested requested resources, name to amount
 * @param allocated allocated resources, name to amount
 */
record SlurmJob(
    long jobId,
    OptionalLong arrayJobId,
    OptionalLong arrayTaskId,
    String state,
    String reason,
    OptionalInt exitCode,
    OptionalInt exitSignal,
    OptionalInt derivedExitCode,
    Optional<Instant> submitTime,
    Optional<Instant> startTime,
    Optional<Instant> endTime,
    OptionalLong timeLimitSeconds,
    String nodes,
    String partition,
    String account,
    String qos,
    String name,
    Map<String, String> requested,
    Map<String, String> allocated) {

  SlurmJob {
    requested = Map.copyOf(requested);
    allocated = Map.copyOf(allocated);
  }

  /** Whether nothing follows for this start of the job. */
  boolean hasEnded() {
    return SlurmState.of(state).isEnd();
  }

  /** Whether the job waits to be started, for the first time or again. */
  boolean isWaiting() {
    SlurmState meaning = SlurmState.of(state);
    return meaning.isRequeued() || meaning.word().equals("PENDING");
  }

  /** The outcome of a start of this job after which it was requeued. */
  SlurmJob requeued(Optional<Instant> started, Optional<Instant> ended) {
    return new SlurmJob(
        jobId,
        arrayJobId,
        arrayTaskId,
        "REQUEUED",
        isWaiting() ? reason : "",
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        started,
        ended,
        timeLimitSeconds,
        nodes,
        partition,
        account,
        qos,
        name,
        requested,
        allocated);
  }

  /**
   * The same, with the reason that another answer gave for the same end, where this one gives none.
   */
  SlurmJob withReasonOf(SlurmJob other) {
    if (!reason.isEmpty() || !state.equals(other.state)) {
      return this;
    }
    return new SlurmJob(
        jobId,
        arrayJobId,
        arrayTaskId,
        state,
        other.reason,
        exitCode,
        exitSignal,
        derivedExitCode,
        submitTime,
        startTime,
        endTime,
        timeLimitSeconds,
        nodes,
        partition,
        account,
        qos,
        name,
        requested,
        allocated);
  }

  /** The facts as one text, which is equal for equal facts. */
  String fingerprint() {
    return new TreeMap<>(requested) + " " + new TreeMap<>(allocated) + " " + withoutResources();
  }

  private String withoutResources() {
    Optional<Instant> ended = hasEnded() ? endTime : Optional.empty();
    return String.join(
        "|",
        List.of(
            Long.toString(jobId),
            arrayJobId.toString(),
            arrayTaskId.toString(),
            state,
            reason,
            exitCode.toString(),
            exitSignal.toString(),
            derivedExitCode.toString(),
            submitTime.toString(),
            startTime.toString(),
            ended.toString(),
            timeLimitSeconds.toString(),
            nodes,
            partition,
            account,
            qos,
            name));
  }
}
