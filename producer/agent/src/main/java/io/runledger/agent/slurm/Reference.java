package io.runledger.agent.slurm;

import io.runledger.schemas.RunId;
import java.time.Instant;

/**
 * Links an attempt of a run to the SLURM job of this cluster in which it runs.
 *
 * @param jobId the raw id
 * @param run the run
 * @param attempt the attempt
 * @param restartCount how often the job had been requeued when the attempt started
 * @param startedAt when the attempt started, by the job's clock
 */
record Reference(long jobId, RunId run, long attempt, int restartCount, Instant startedAt) {}
