package io.runledger.query.sql;

import io.runledger.query.dialect.TimeTexts;
import io.runledger.query.runs.JobFilter;
import io.runledger.query.runs.SlurmJob;
import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** Statements about SLURM jobs. */
public final class JobQueries {

  // CROSS JOIN keeps the few jobs outside and looks each one's run up, whatever SQLite's statistics
  // make it believe. Of one run, what is newer is what a later attempt said; between runs there are
  // only clocks.

  static final String PAGE =
      """
      SELECT j.*, r.run_name
        FROM slurm_jobs j
       CROSS JOIN experiment_runs r ON r.run_id = j.run_id AND r.deleted = 0
       WHERE (CAST(:since AS TEXT) IS NULL OR coalesce(j.started_at, j.submitted_at, r.started_at) >= :since)
         AND (j.attempt_id, j.cluster, j.slurm_job_id, j.run_id) < (:attempt, :cluster, :job, :run)
       ORDER BY j.attempt_id DESC, j.cluster DESC, j.slurm_job_id DESC, j.run_id DESC
       LIMIT :limit
      """;

  static final String OF_RUN =
      """
      SELECT j.*, r.run_name
        FROM slurm_jobs j
       CROSS JOIN experiment_runs r ON r.run_id = j.run_id AND r.deleted = 0
        LEFT JOIN run_attempts a ON a.run_id = j.run_id AND a.attempt_id = j.attempt_id
       WHERE j.run_id = :run
         AND (CAST(:since AS TEXT) IS NULL OR coalesce(j.started_at, j.submitted_at, r.started_at) >= :since)
       ORDER BY a.ordinal DESC NULLS LAST, j.attempt_id DESC, j.cluster DESC, j.slurm_job_id DESC
       LIMIT :limit
      """;

  private static final String COUNT =
      """
      SELECT count(*)
        FROM slurm_jobs j
       CROSS JOIN experiment_runs r ON r.run_id = j.run_id AND r.deleted = 0
       WHERE (CAST(:run AS BIGINT) IS NULL OR j.run_id = :run)
         AND (CAST(:since AS TEXT) IS NULL OR coalesce(j.started_at, j.submitted_at, r.started_at) >= :since)
      """;

  private JobQueries() {}

  /** How many there are, regardless of the limit. */
  public static long count(Handle handle, JobFilter filter) {
    return since(handle.createQuery(COUNT), filter)
        .bind("run", filter.run().map(RunId::value).orElse(null))
        .mapTo(Long.class)
        .one();
  }

  /** The jobs of one run, those of its newest attempts first. */
  public static List<SlurmJob> of(Handle handle, RunId run, JobFilter filter) {
    return since(handle.createQuery(OF_RUN), filter)
        .bind("run", run.value())
        .bind("limit", filter.limit())
        .map((row, context) -> job(row))
        .list();
  }

  /** The jobs of all runs behind the last one, those of the newest attempts first. */
  public static List<SlurmJob> page(
      Handle handle, JobFilter filter, Optional<SlurmJob> last, int page) {
    return since(handle.createQuery(PAGE), filter)
        .bind("attempt", last.map(SlurmJob::attemptId).orElse(Long.MAX_VALUE))
        .bind("cluster", last.map(SlurmJob::cluster).orElse(""))
        .bind("job", last.map(SlurmJob::jobId).orElse(Long.MAX_VALUE))
        .bind("run", last.map(job -> job.runId().value()).orElse(Long.MAX_VALUE))
        .bind("limit", page)
        .map((row, context) -> job(row))
        .list();
  }

  private static Query since(Query query, JobFilter filter) {
    return query.bind("since", filter.since().map(TimeTexts::textOf).orElse(null));
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
