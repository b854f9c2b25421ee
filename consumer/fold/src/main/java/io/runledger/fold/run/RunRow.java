package io.runledger.fold.run;

import io.runledger.fold.Verdict;
import io.runledger.schemas.RunKey;
import java.util.Optional;
import java.util.SortedSet;

/**
 * A run as people see it; null is what is not known.
 *
 * @param id run_id
 * @param identity {@code key}, {@code instance}, or {@code unknown} until its start has come
 * @param config of the first attempt that has one, JSON
 * @param configDrift whether an attempt came with another configuration
 * @param verdict the newest attempt's
 * @param attempts how many there are
 * @param firstAttemptId the oldest attempt
 * @param lastAttemptId the newest attempt
 * @param createdMicros start of the first attempt that started, microseconds since 1970
 * @param startedMicros start of the newest attempt, microseconds since 1970
 * @param deleted whether the last that was said of it is that it is deleted
 * @param job the SLURM job of the newest attempt
 */
public record RunRow(
    long id,
    String identity,
    Optional<RunKey> key,
    String project,
    String name,
    String config,
    boolean configDrift,
    String notes,
    SortedSet<String> tags,
    Verdict verdict,
    int attempts,
    long firstAttemptId,
    long lastAttemptId,
    Long createdMicros,
    Long startedMicros,
    boolean deleted,
    Optional<SlurmJob> job) {}
