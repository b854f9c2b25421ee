package io.runledger.agent.slurm;

import io.runledger.schemas.event.SlurmJobObserved;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Something new that SLURM said, for the attempt that it concerns.
 *
 * @param reference the attempt
 * @param job what SLURM said
 */
record Observation(Reference reference, SlurmJob job) {

  /** The event, still without its run and the time of observation. */
  SlurmJobObserved.Builder event(String cluster) {
    return SlurmJobObserved.newBuilder()
        .setCluster(cluster)
        .setJobId(job.jobId())
        .setArrayJobId(boxed(job.arrayJobId()))
        .setArrayTaskId(boxed(job.arrayTaskId()))
        .setSubmitTime(job.submitTime().orElse(null))
        .setRestartCount(reference.restartCount())
        .setState(job.state())
        .setReason(textOrNull(job.reason()))
        .setExitCode(boxed(job.exitCode()))
        .setExitSignal(boxed(job.exitSignal()))
        .setDerivedExitCode(boxed(job.derivedExitCode()))
        .setJobName(textOrNull(job.name()))
        .setNodes(textOrNull(job.nodes()))
        .setPartition(textOrNull(job.partition()))
        .setAccount(textOrNull(job.account()))
        .setQos(textOrNull(job.qos()))
        .setRequested(job.requested())
        .setAllocated(job.allocated())
        .setStartTime(job.startTime().orElse(null))
        // For a job that continues, SLURM gives the time when it must end.
        .setEndTime(job.hasEnded() ? job.endTime().orElse(null) : null)
        .setTimeLimitSeconds(boxed(job.timeLimitSeconds()));
  }

  private static String textOrNull(String text) {
    return Optional.of(text).filter(word -> !word.isEmpty()).orElse(null);
  }

  private static Long boxed(OptionalLong number) {
    return number.isPresent() ? number.getAsLong() : null;
  }

  private static Integer boxed(OptionalInt number) {
    return number.isPresent() ? number.getAsInt() : null;
  }
}
