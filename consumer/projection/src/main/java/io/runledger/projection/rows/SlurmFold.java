package io.runledger.projection.rows;

import io.runledger.fold.EventKey;
import io.runledger.fold.Instants;
import io.runledger.schemas.event.SlurmJobObserved;
import io.runledger.schemas.event.SlurmReference;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keeps one row a SLURM job of an attempt: what the job's environment reported, and over it the
 * newest observation. Not thread-safe.
 *
 * <p>A report fills what only it knows and what nobody observed; an observation replaces what the
 * observation before it said. Each part remembers whose it is, so the order of arrival means
 * nothing.
 */
final class SlurmFold {

  private final Statements statements;

  SlurmFold(Statements statements) {
    this.statements = statements;
  }

  void report(EventKey key, SlurmReference job) throws SQLException {
    ensureRow(key, job.getCluster(), job.getJobId());
    statements.update(
        """
        UPDATE slurm_jobs
           SET reported_writer_id = ?, reported_seq = ?, reported = ?
         WHERE run_id = ? AND attempt_id = ? AND cluster = ? AND slurm_job_id = ?
           AND (reported_writer_id IS NULL OR (reported_writer_id, reported_seq) > (?, ?))
        """,
        key.stream().writerId(),
        key.seq(),
        RunFold.json(reported(job)),
        key.stream().runId(),
        key.stream().attemptId(),
        job.getCluster(),
        job.getJobId(),
        key.stream().writerId(),
        key.seq());
    merge(key, job.getCluster(), job.getJobId());
  }

  void observe(EventKey key, SlurmJobObserved job) throws SQLException {
    ensureRow(key, job.getCluster(), job.getJobId());
    statements.update(
        """
        UPDATE slurm_jobs
           SET observed_writer_id = ?, observed_seq = ?, observed = ?
         WHERE run_id = ? AND attempt_id = ? AND cluster = ? AND slurm_job_id = ?
           AND (observed_writer_id IS NULL OR (observed_writer_id, observed_seq) < (?, ?))
        """,
        key.stream().writerId(),
        key.seq(),
        RunFold.json(observed(job)),
        key.stream().runId(),
        key.stream().attemptId(),
        job.getCluster(),
        job.getJobId(),
        key.stream().writerId(),
        key.seq());
    merge(key, job.getCluster(), job.getJobId());
  }

  private void ensureRow(EventKey key, String cluster, long jobId) throws SQLException {
    statements.update(
        """
        INSERT INTO slurm_jobs (run_id, attempt_id, cluster, slurm_job_id)
        VALUES (?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """,
        key.stream().runId(),
        key.stream().attemptId(),
        cluster,
        jobId);
  }

  /** Lays the observation over the report, column by column. */
  private void merge(EventKey key, String cluster, long jobId) throws SQLException {
    statements.update(
        """
        UPDATE slurm_jobs
           SET slurm_array_job_id  = coalesce(observed ->> 'array_job_id',  reported ->> 'array_job_id'),
               slurm_array_task_id = coalesce(observed ->> 'array_task_id', reported ->> 'array_task_id'),
               restart_count       = coalesce(observed ->> 'restart_count', reported ->> 'restart_count'),
               job_name            = coalesce(observed ->> 'job_name',      reported ->> 'job_name'),
               nodes               = coalesce(observed ->> 'nodes',         reported ->> 'nodes'),
               partition           = coalesce(observed ->> 'partition',     reported ->> 'partition'),
               account             = coalesce(observed ->> 'account',       reported ->> 'account'),
               qos                 = coalesce(observed ->> 'qos',           reported ->> 'qos'),
               requested           = observed -> 'requested',
               allocated           = coalesce(observed -> 'allocated',      reported -> 'allocated'),
               state               = observed ->> 'state',
               reason              = observed ->> 'reason',
               exit_code           = observed ->> 'exit_code',
               exit_signal         = observed ->> 'exit_signal',
               derived_exit_code   = observed ->> 'derived_exit_code',
               submitted_at        = observed ->> 'submitted_at',
               started_at          = observed ->> 'started_at',
               finished_at         = observed ->> 'finished_at',
               time_limit_seconds  = observed ->> 'time_limit_seconds'
         WHERE run_id = ? AND attempt_id = ? AND cluster = ? AND slurm_job_id = ?
        """,
        key.stream().runId(),
        key.stream().attemptId(),
        cluster,
        jobId);
  }

  private static Map<String, Object> reported(SlurmReference job) {
    TreeMap<String, Object> facts = new TreeMap<>();
    facts.put("array_job_id", job.getArrayJobId());
    facts.put("array_task_id", job.getArrayTaskId());
    facts.put("restart_count", job.getRestartCount());
    facts.put("job_name", job.getJobName());
    facts.put("nodes", job.getNodes());
    facts.put("partition", job.getPartition());
    facts.put("account", job.getAccount());
    facts.put("qos", job.getQos());
    facts.put("allocated", new TreeMap<>(job.getAllocated()));
    facts.values().removeIf(value -> value == null);
    return facts;
  }

  private static Map<String, Object> observed(SlurmJobObserved job) {
    TreeMap<String, Object> facts = new TreeMap<>();
    facts.put("array_job_id", job.getArrayJobId());
    facts.put("array_task_id", job.getArrayTaskId());
    facts.put("restart_count", job.getRestartCount());
    facts.put("job_name", job.getJobName());
    facts.put("nodes", job.getNodes());
    facts.put("partition", job.getPartition());
    facts.put("account", job.getAccount());
    facts.put("qos", job.getQos());
    facts.put("requested", new TreeMap<>(job.getRequested()));
    facts.put("allocated", job.getAllocated().isEmpty() ? null : new TreeMap<>(job.getAllocated()));
    facts.put("state", job.getState());
    facts.put("reason", job.getReason());
    facts.put("exit_code", job.getExitCode());
    facts.put("exit_signal", job.getExitSignal());
    facts.put("derived_exit_code", job.getDerivedExitCode());
    facts.put("submitted_at", Instants.text(job.getSubmitTime()));
    facts.put("started_at", Instants.text(job.getStartTime()));
    facts.put("finished_at", Instants.text(job.getEndTime()));
    facts.put("time_limit_seconds", job.getTimeLimitSeconds());
    facts.values().removeIf(value -> value == null);
    return facts;
  }
}
