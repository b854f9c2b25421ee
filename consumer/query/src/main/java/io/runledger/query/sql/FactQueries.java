package io.runledger.query.sql;

import io.runledger.query.runs.Artifact;
import io.runledger.query.runs.RunResults;
import io.runledger.query.runs.SlurmJob;
import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Statements about artifacts, results and SLURM jobs. */
public final class FactQueries {

  // CROSS JOIN keeps the few jobs outside and looks each one's run up, whatever SQLite's statistics
  // make it believe. Of one run, what is newer is what a later attempt said; between
  // runs there are only clocks.

  static final String JOBS =
      """
      SELECT j.*, r.run_name
        FROM slurm_jobs j
       CROSS JOIN experiment_runs r ON r.run_id = j.run_id AND r.deleted = 0
       WHERE (:since IS NULL OR coalesce(j.started_at, j.submitted_at, r.started_at) >= :since)
         AND (j.attempt_id, j.cluster, j.slurm_job_id, j.run_id) < (:attempt, :cluster, :job, :run)
       ORDER BY j.attempt_id DESC, j.cluster DESC, j.slurm_job_id DESC, j.run_id DESC
       LIMIT :limit
      """;

  static final String JOBS_OF_RUN =
      """
      SELECT j.*, r.run_name
        FROM slurm_jobs j
       CROSS JOIN experiment_runs r ON r.run_id = j.run_id AND r.deleted = 0
        LEFT JOIN run_attempts a ON a.run_id = j.run_id AND a.attempt_id = j.attempt_id
       WHERE j.run_id = :run
         AND (:since IS NULL OR coalesce(j.started_at, j.submitted_at, r.started_at) >= :since)
       ORDER BY a.ordinal DESC, j.attempt_id DESC, j.cluster DESC, j.slurm_job_id DESC
       LIMIT :limit
      """;

  private static final String COUNT_JOBS =
      """
      SELECT count(*)
        FROM slurm_jobs j
       CROSS JOIN experiment_runs r ON r.run_id = j.run_id AND r.deleted = 0
       WHERE (:run IS NULL OR j.run_id = :run)
         AND (:since IS NULL OR coalesce(j.started_at, j.submitted_at, r.started_at) >= :since)
      """;

  private FactQueries() {}

  public static long countJobs(Handle handle, Optional<RunId> run, Optional<Instant> since) {
    return handle
        .createQuery(COUNT_JOBS)
        .bind("run", run.map(RunId::value).orElse(null))
        .bind("since", since.map(Columns::textOf).orElse(null))
        .mapTo(Long.class)
        .one();
  }

  /** The jobs of one run, those of its newest attempts first. */
  public static List<SlurmJob> jobsOf(
      Handle handle, RunId run, Optional<Instant> since, int limit) {
    return handle
        .createQuery(JOBS_OF_RUN)
        .bind("run", run.value())
        .bind("since", since.map(Columns::textOf).orElse(null))
        .bind("limit", limit)
        .map((row, context) -> job(row))
        .list();
  }

  /** The jobs behind the last one, those of the newest attempts first. */
  public static List<SlurmJob> jobs(
      Handle handle, Optional<Instant> since, Optional<SlurmJob> last, int limit) {
    return handle
        .createQuery(JOBS)
        .bind("attempt", last.map(SlurmJob::attemptId).orElse(Long.MAX_VALUE))
        .bind("cluster", last.map(SlurmJob::cluster).orElse(""))
        .bind("job", last.map(SlurmJob::jobId).orElse(Long.MAX_VALUE))
        .bind("run", last.map(job -> job.runId().value()).orElse(Long.MAX_VALUE))
        .bind("since", since.map(Columns::textOf).orElse(null))
        .bind("limit", limit)
        .map((row, context) -> job(row))
        .list();
  }

  public static List<Artifact> artifacts(Handle handle, long run) {
    return handle
        .createQuery(
            """
            SELECT f.attempt_id, f.artifact_type, f.filepath, f.size_bytes, f.sha256, f.metadata, f.created_at
              FROM artifacts f
              LEFT JOIN run_attempts a ON a.run_id = f.run_id AND a.attempt_id = f.attempt_id
             WHERE f.run_id = :run
             ORDER BY a.ordinal, f.attempt_id, f.writer_id, f.seq
            """)
        .bind("run", run)
        .map(
            (row, context) ->
                new Artifact(
                    row.getLong("attempt_id"),
                    row.getString("artifact_type"),
                    row.getString("filepath"),
                    Columns.number(row, "size_bytes"),
                    Columns.text(row, "sha256"),
                    Columns.text(row, "metadata"),
                    Columns.instant(row, "created_at")))
        .list();
  }

  public static List<RunResults> results(Handle handle, long run) {
    return handle
        .createQuery(
            """
            SELECT f.attempt_id, f.results, f.created_at
              FROM run_results f
              LEFT JOIN run_attempts a ON a.run_id = f.run_id AND a.attempt_id = f.attempt_id
             WHERE f.run_id = :run
             ORDER BY a.ordinal, f.attempt_id, f.writer_id, f.seq
            """)
        .bind("run", run)
        .map(
            (row, context) ->
                new RunResults(
                    row.getLong("attempt_id"),
                    row.getString("results"),
                    Columns.instant(row, "created_at")))
        .list();
  }

  private static SlurmJob job(ResultSet row) throws SQLException {
    return new SlurmJob(
        new RunId(row.getLong("run_id")),
        Columns.text(row, "run_name"),
        row.getLong("attempt_id"),
        row.getString("cluster"),
        row.getLong("slurm_job_id"),
        Columns.number(row, "slurm_array_job_id"),
        Columns.number(row, "slurm_array_task_id"),
        Columns.number(row, "restart_count"),
        Columns.text(row, "job_name"),
        Columns.text(row, "state"),
        Columns.text(row, "reason"),
        Columns.integer(row, "exit_code"),
        Columns.integer(row, "exit_signal"),
        Columns.text(row, "nodes"),
        Columns.text(row, "partition"),
        Columns.text(row, "account"),
        Columns.text(row, "qos"),
        Columns.text(row, "requested"),
        Columns.text(row, "allocated"),
        Columns.instant(row, "submitted_at"),
        Columns.instant(row, "started_at"),
        Columns.instant(row, "finished_at"),
        Columns.number(row, "time_limit_seconds"));
  }
}
