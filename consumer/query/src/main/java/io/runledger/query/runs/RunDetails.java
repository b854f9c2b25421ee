package io.runledger.query.runs;

import io.runledger.query.metrics.LastValue;
import io.runledger.query.metrics.MetricSummary;
import java.util.List;
import java.util.Optional;

/**
 * All that is known of a run but its points, as of one moment.
 *
 * @param run the run
 * @param attempts its attempts, oldest first
 * @param claims what was said about their status, by attempt, writer and order
 * @param metrics summaries of its metrics, by name
 * @param lastValue the last value it logged of any of them
 * @param results its results, oldest first
 * @param artifacts its artifacts, oldest first
 * @param errors its errors, newest first
 * @param jobs its SLURM jobs, newest attempt first
 * @param gaps its streams with holes
 * @param logGaps what the log lost of all runs together; some of it may have been this run's
 * @param dropped what it could not store
 */
public record RunDetails(
    Run run,
    List<Attempt> attempts,
    List<StatusClaim> claims,
    List<MetricSummary> metrics,
    Optional<LastValue> lastValue,
    List<RunResults> results,
    List<Artifact> artifacts,
    List<RunError> errors,
    List<SlurmJob> jobs,
    List<StreamGap> gaps,
    List<LogGap> logGaps,
    List<DroppedEvents> dropped) {}
