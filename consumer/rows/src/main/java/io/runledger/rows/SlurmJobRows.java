package io.runledger.rows;

import io.runledger.fold.run.Said;
import io.runledger.fold.run.SlurmJob;
import java.util.List;

/** The SLURM jobs of runs. Works inside the caller's transaction. */
final class SlurmJobRows {

  private final Statements statements;

  SlurmJobRows(Statements statements) {
    this.statements = statements;
  }

  List<SlurmJob> of(long runId) {
    return statements.list(
        """
        SELECT attempt_id, cluster, slurm_job_id,
               reported_writer_id, reported_seq, reported, observed_writer_id, observed_seq, observed
          FROM slurm_jobs
         WHERE run_id = ?
        """,
        row ->
            new SlurmJob(
                row.getLong(1),
                row.getString(2),
                row.getLong(3),
                Values.said(row, 4, null, row.getString(6)),
                Values.said(row, 7, null, row.getString(9))),
        runId);
  }

  void put(long runId, SlurmJob job) {
    SlurmJob.Facts facts = job.facts();
    statements.update(
        """
        INSERT INTO slurm_jobs (
               run_id, attempt_id, cluster, slurm_job_id,
               reported_writer_id, reported_seq, reported, observed_writer_id, observed_seq, observed,
               slurm_array_job_id, slurm_array_task_id, restart_count, job_name, nodes, partition,
               account, qos, requested, allocated, state, reason, exit_code, exit_signal,
               derived_exit_code, submitted_at, started_at, finished_at, time_limit_seconds)
        VALUES (?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?, ?)
        ON CONFLICT (run_id, attempt_id, cluster, slurm_job_id) DO UPDATE
           SET reported_writer_id = excluded.reported_writer_id,
               reported_seq = excluded.reported_seq, reported = excluded.reported,
               observed_writer_id = excluded.observed_writer_id,
               observed_seq = excluded.observed_seq, observed = excluded.observed,
               slurm_array_job_id = excluded.slurm_array_job_id,
               slurm_array_task_id = excluded.slurm_array_task_id,
               restart_count = excluded.restart_count, job_name = excluded.job_name,
               nodes = excluded.nodes, partition = excluded.partition, account = excluded.account,
               qos = excluded.qos, requested = excluded.requested, allocated = excluded.allocated,
               state = excluded.state, reason = excluded.reason, exit_code = excluded.exit_code,
               exit_signal = excluded.exit_signal,
               derived_exit_code = excluded.derived_exit_code,
               submitted_at = excluded.submitted_at, started_at = excluded.started_at,
               finished_at = excluded.finished_at,
               time_limit_seconds = excluded.time_limit_seconds
        """,
        runId,
        job.attemptId(),
        job.cluster(),
        job.jobId(),
        job.reported().map(Said::writerId).orElse(null),
        job.reported().map(Said::seq).orElse(null),
        job.reported().map(Said::value).orElse(null),
        job.observed().map(Said::writerId).orElse(null),
        job.observed().map(Said::seq).orElse(null),
        job.observed().map(Said::value).orElse(null),
        facts.number("array_job_id"),
        facts.number("array_task_id"),
        facts.number("restart_count"),
        facts.text("job_name"),
        facts.text("nodes"),
        facts.text("partition"),
        facts.text("account"),
        facts.text("qos"),
        facts.object("requested"),
        facts.object("allocated"),
        facts.text("state"),
        facts.text("reason"),
        facts.number("exit_code"),
        facts.number("exit_signal"),
        facts.number("derived_exit_code"),
        facts.text("submitted_at"),
        facts.text("started_at"),
        facts.text("finished_at"),
        facts.number("time_limit_seconds"));
  }
}
