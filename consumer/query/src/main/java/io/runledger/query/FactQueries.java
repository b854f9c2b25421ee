package io.runledger.query;

import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** Statements about errors, artifacts, results and SLURM jobs. */
final class FactQueries {

  // CROSS JOIN keeps the few errors and jobs outside and looks each one's run up, whatever SQLite's
  // statistics make it believe. Of one run, what is newer is what a later attempt said; between
  // runs there are only clocks.

  static final String ERRORS =
      """
      SELECT e.run_id, r.run_name, e.attempt_id, e.exception_type, e.message, e.traceback,
             e.truncated_bytes, e.step, e.created_at
        FROM run_errors e
       CROSS JOIN experiment_runs r ON r.run_id = e.run_id AND r.deleted = 0
       WHERE :since IS NULL OR e.created_at >= :since
       ORDER BY e.created_at DESC, e.attempt_id DESC, e.writer_id DESC, e.seq DESC
       LIMIT :limit
      """;

  static final String ERRORS_OF_RUN =
      """
      SELECT e.run_id, r.run_name, e.attempt_id, e.exception_type, e.message, e.traceback,
             e.truncated_bytes, e.step, e.created_at
        FROM run_errors e
       CROSS JOIN experiment_runs r ON r.run_id = e.run_id AND r.deleted = 0
        LEFT JOIN run_attempts a ON a.run_id = e.run_id AND a.attempt_id = e.attempt_id
       WHERE e.run_id = :run AND (:since IS NULL OR e.created_at >= :since)
       ORDER BY a.ordinal DESC, e.created_at DESC, e.attempt_id DESC, e.writer_id DESC, e.seq DESC
       LIMIT :limit
      """;

  static final String JOBS =
      """
      SELECT j.*, r.run_name
        FROM slurm_jobs j
       CROSS JOIN experiment_runs r ON r.run_id = j.run_id AND r.deleted = 0
       WHERE :since IS NULL OR coalesce(j.started_at, j.submitted_at, r.started_at) >= :since
       ORDER BY j.attempt_id DESC, j.cluster DESC, j.slurm_job_id DESC
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

  private static final String COUNT_ERRORS =
      """
      SELECT count(*)
        FROM run_errors e
       CROSS JOIN experiment_runs r ON r.run_id = e.run_id AND r.deleted = 0
       WHERE (:run IS NULL OR e.run_id = :run) AND (:since IS NULL OR e.created_at >= :since)
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

  static long countErrors(Handle handle, Optional<RunId> run, Optional<Instant> since) {
    return count(handle.createQuery(COUNT_ERRORS), run, since);
  }

  static long countJobs(Handle handle, Optional<RunId> run, Optional<Instant> since) {
    return count(handle.createQuery(COUNT_JOBS), run, since);
  }

  private static long count(Query query, Optional<RunId> run, Optional<Instant> since) {
    return query
        .bind("run", run.map(RunId::value).orElse(null))
        .bind("since", since.map(Columns::textOf).orElse(null))
        .mapTo(Long.class)
        .one();
  }

  static List<RunError> errors(
      Handle handle, Optional<RunId> run, Optional<Instant> since, int limit) {
    return question(handle, run, ERRORS_OF_RUN, ERRORS, since, limit)
        .map((row, context) -> error(row))
        .list();
  }

  static List<SlurmJob> jobs(
      Handle handle, Optional<RunId> run, Optional<Instant> since, int limit) {
    return question(handle, run, JOBS_OF_RUN, JOBS, since, limit)
        .map((row, context) -> job(row))
        .list();
  }

  private static Query question(
      Handle handle,
      Optional<RunId> run,
      String ofRun,
      String ofAll,
      Optional<Instant> since,
      int limit) {
    Query query =
        run.isPresent()
            ? handle.createQuery(ofRun).bind("run", run.get().value())
            : handle.createQuery(ofAll);
    return query.bind("since", since.map(Columns::textOf).orElse(null)).bind("limit", limit);
  }

  static List<Artifact> artifacts(Handle handle, long run) {
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

  static List<RunResults> results(Handle handle, long run) {
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

  private static RunError error(ResultSet row) throws SQLException {
    return new RunError(
        new RunId(row.getLong("run_id")),
        Columns.text(row, "run_name"),
        row.getLong("attempt_id"),
        row.getString("exception_type"),
        Columns.text(row, "message"),
        Columns.text(row, "traceback"),
        row.getLong("truncated_bytes"),
        Columns.number(row, "step"),
        Columns.instant(row, "created_at"));
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
