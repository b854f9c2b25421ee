package io.runledger.query.sql;

import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.runs.Attempt;
import io.runledger.query.runs.DroppedEvents;
import io.runledger.query.runs.LogGap;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.StatusClaim;
import io.runledger.query.runs.StreamGap;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** Statements about runs and their attempts. */
public final class RunQueries {

  /** Bits of a time-ordered id below its milliseconds. */
  private static final int ID_BITS_BELOW_MILLIS = 21;

  // What jobs count of themselves may add up to more than SQLite's sum() takes, which then fails
  // for every run of a list. total() never fails, and the CAST stops at the largest number.

  private static final String ONE =
      """
      SELECT r.*, newest.last_heartbeat_us, newest.heartbeat_interval_seconds,
             (SELECT CAST(total(g.missing) AS INTEGER) FROM stream_gaps g WHERE g.run_id = r.run_id) AS missing_events,
             (SELECT CAST(total(a.dropped_events) AS INTEGER) FROM run_attempts a WHERE a.run_id = r.run_id) AS dropped_events
        FROM experiment_runs r
        LEFT JOIN run_attempts newest ON newest.run_id = r.run_id AND newest.attempt_id = r.last_attempt_id
       WHERE r.run_id = :run AND r.deleted = 0
      """;

  /** Which runs {@code r} are meant, by what {@link #matching} binds. */
  static final String MATCHES =
      """
         AND (:status     IS NULL OR r.status     = :status)
         AND (:experiment IS NULL OR r.experiment = :experiment)
         AND (:project    IS NULL OR r.project    = :project)
         AND (:tag        IS NULL OR EXISTS (SELECT 1 FROM json_each(iif(json_valid(r.tags), r.tags, '[]')) t WHERE t.value = :tag))
         AND (:since      IS NULL OR r.started_at >= :since
              OR (r.started_at IS NULL AND r.last_attempt_id >= :since_id))
      """;

  /** Walks the index of creation from its end: the cost is that of the rows shown and skipped. */
  static final String NEWEST =
      """
      SELECT r.*, newest.last_heartbeat_us, newest.heartbeat_interval_seconds,
             (SELECT CAST(total(g.missing) AS INTEGER) FROM stream_gaps g WHERE g.run_id = r.run_id) AS missing_events,
             (SELECT CAST(total(a.dropped_events) AS INTEGER) FROM run_attempts a WHERE a.run_id = r.run_id) AS dropped_events
        FROM experiment_runs r
        LEFT JOIN run_attempts newest ON newest.run_id = r.run_id AND newest.attempt_id = r.last_attempt_id
       WHERE r.deleted = 0
      """
          + MATCHES
          + """
         AND (r.first_attempt_id, r.run_id) < (:first_attempt, :run)
       ORDER BY r.first_attempt_id DESC, r.run_id DESC
       LIMIT :limit
      """;

  static final String COUNT =
      """
      SELECT count(*)
        FROM experiment_runs r
       WHERE r.deleted = 0
      """
          + MATCHES;

  private static final String ATTEMPTS =
      """
      SELECT attempt_id, started_us, host, user, pid, command, git_commit, git_dirty,
             resumed_from_step, superseded_from_step, config, config_truncated_bytes, config_drift,
             masked_keys, status, status_reason, status_source, exit_code, finished_us, status_rule,
             last_heartbeat_us, heartbeat_interval_seconds, dropped_events
        FROM run_attempts
       WHERE run_id = :run
       ORDER BY ordinal
      """;

  /** A run and where it stands among those that are read by creation. */
  public record Keyed(Run run, long firstAttemptId) {}

  private RunQueries() {}

  public static Optional<Run> one(Handle handle, long run) {
    return handle.createQuery(ONE).bind("run", run).map((row, context) -> run(row)).findOne();
  }

  /**
   * The run.
   *
   * @throws RunNotFoundException when there is none, or it was deleted
   */
  public static Run existing(Handle handle, RunId run) {
    return one(handle, run.value())
        .orElseThrow(() -> new RunNotFoundException("There is no run " + run + "."));
  }

  public static List<Run> newest(Handle handle, RunFilter filter) {
    return newest(handle, filter, Optional.empty(), filter.limit()).stream()
        .map(Keyed::run)
        .toList();
  }

  /** The runs behind the last one, newest first. */
  public static List<Keyed> newest(
      Handle handle, RunFilter filter, Optional<Keyed> last, int limit) {
    return matching(handle.createQuery(NEWEST), filter)
        .bind("first_attempt", last.map(Keyed::firstAttemptId).orElse(Long.MAX_VALUE))
        .bind("run", last.map(key -> key.run().id().value()).orElse(Long.MAX_VALUE))
        .bind("limit", limit)
        .map((row, context) -> new Keyed(run(row), row.getLong("first_attempt_id")))
        .list();
  }

  public static long count(Handle handle, RunFilter filter) {
    return matching(handle.createQuery(COUNT), filter).mapTo(Long.class).one();
  }

  /** Binds which runs are meant, in the same way for every verb; how many is for the statement. */
  static Query matching(Query query, RunFilter filter) {
    return query
        .bind("status", filter.status().map(status -> status.word()).orElse(null))
        .bind("experiment", filter.experiment().orElse(null))
        .bind("project", filter.project().orElse(null))
        .bind("tag", filter.tag().orElse(null))
        .bind("since", filter.since().map(Columns::textOf).orElse(null))
        .bind("since_id", filter.since().map(RunQueries::idAt).orElse(0L));
  }

  /** The lowest attempt_id that can have been made at this instant. */
  private static long idAt(Instant instant) {
    return Math.max(0, instant.toEpochMilli()) << ID_BITS_BELOW_MILLIS;
  }

  public static List<Attempt> attempts(Handle handle, long run) {
    return handle.createQuery(ATTEMPTS).bind("run", run).map((row, context) -> attempt(row)).list();
  }

  public static List<StreamGap> gaps(Handle handle, long run) {
    return handle
        .createQuery(
            """
            SELECT g.attempt_id, g.writer_id, g.topic, g.missing, g.seen
              FROM stream_gaps g
              LEFT JOIN run_attempts a ON a.run_id = g.run_id AND a.attempt_id = g.attempt_id
             WHERE g.run_id = :run
             ORDER BY a.ordinal, g.attempt_id, g.writer_id, g.topic
            """)
        .bind("run", run)
        .map(
            (row, context) ->
                new StreamGap(
                    row.getLong("attempt_id"),
                    row.getLong("writer_id"),
                    row.getString("topic"),
                    row.getLong("missing"),
                    row.getString("seen")))
        .list();
  }

  public static List<StatusClaim> claims(Handle handle, long run) {
    return handle
        .createQuery(
            """
            SELECT c.attempt_id, c.writer_id, c.at_us, c.status, c.exit_code, c.reason, c.source
              FROM run_status_changes c
              LEFT JOIN run_attempts a ON a.run_id = c.run_id AND a.attempt_id = c.attempt_id
             WHERE c.run_id = :run
             ORDER BY a.ordinal, c.attempt_id, c.writer_id, c.seq
            """)
        .bind("run", run)
        .map(
            (row, context) ->
                new StatusClaim(
                    row.getLong("attempt_id"),
                    row.getLong("writer_id"),
                    Columns.micros(row, "at_us").orElseThrow(),
                    Columns.status(row, "status"),
                    Columns.integer(row, "exit_code"),
                    Columns.text(row, "reason"),
                    Columns.source(row, "source").orElseThrow()))
        .list();
  }

  public static List<LogGap> logGaps(Handle handle) {
    return handle
        .createQuery(
            """
            SELECT topic, partition, from_offset, to_offset, reason
              FROM gaps
             ORDER BY topic, partition, from_offset
            """)
        .map(
            (row, context) ->
                new LogGap(
                    row.getString("topic"),
                    row.getInt("partition"),
                    row.getLong("from_offset"),
                    row.getLong("to_offset"),
                    row.getString("reason")))
        .list();
  }

  public static List<DroppedEvents> dropped(Handle handle, long run) {
    return handle
        .createQuery(
            """
            SELECT d.attempt_id, d.topic, d.reason, CAST(total(d.count) AS INTEGER) AS count
              FROM dropped_events d
              LEFT JOIN run_attempts a ON a.run_id = d.run_id AND a.attempt_id = d.attempt_id
             WHERE d.run_id = :run
             GROUP BY d.attempt_id, d.topic, d.reason
             ORDER BY a.ordinal, d.attempt_id, d.topic, d.reason
            """)
        .bind("run", run)
        .map(
            (row, context) ->
                new DroppedEvents(
                    row.getLong("attempt_id"),
                    row.getString("topic"),
                    row.getLong("count"),
                    row.getString("reason")))
        .list();
  }

  private static Run run(ResultSet row) throws SQLException {
    return new Run(
        new RunId(row.getLong("run_id")),
        key(row),
        Columns.text(row, "project"),
        Columns.text(row, "run_name"),
        Columns.text(row, "config"),
        Columns.flag(row, "config_drift"),
        Columns.text(row, "notes"),
        Tags.of(row.getString("tags")),
        Columns.status(row, "status"),
        Columns.text(row, "status_reason"),
        Columns.source(row, "status_source"),
        Columns.integer(row, "exit_code"),
        Columns.number(row, "slurm_job_id"),
        Columns.number(row, "slurm_array_task_id"),
        row.getInt("attempts"),
        Columns.instant(row, "created_at"),
        Columns.instant(row, "started_at"),
        Columns.instant(row, "finished_at"),
        Columns.micros(row, "last_heartbeat_us"),
        Columns.integer(row, "heartbeat_interval_seconds"),
        row.getLong("missing_events"),
        row.getLong("dropped_events"));
  }

  private static Optional<RunKey> key(ResultSet row) throws SQLException {
    if (!"key".equals(row.getString("identity"))) {
      return Optional.empty();
    }
    return Optional.of(
        new RunKey(
            Columns.text(row, "experiment"),
            Columns.text(row, "dataset"),
            Columns.text(row, "method"),
            Columns.text(row, "subject"),
            Columns.text(row, "cl_info"),
            Columns.number(row, "seed")));
  }

  private static Attempt attempt(ResultSet row) throws SQLException {
    return new Attempt(
        row.getLong("attempt_id"),
        Columns.micros(row, "started_us"),
        Columns.text(row, "host"),
        Columns.text(row, "user"),
        Columns.number(row, "pid"),
        Columns.text(row, "command"),
        Columns.text(row, "git_commit"),
        Columns.maybe(row, "git_dirty"),
        Columns.number(row, "resumed_from_step"),
        Columns.number(row, "superseded_from_step"),
        Columns.text(row, "config"),
        row.getLong("config_truncated_bytes"),
        Columns.flag(row, "config_drift"),
        Tags.of(row.getString("masked_keys")),
        Columns.status(row, "status"),
        Columns.text(row, "status_reason"),
        Columns.source(row, "status_source"),
        Columns.integer(row, "exit_code"),
        Columns.micros(row, "finished_us"),
        Columns.text(row, "status_rule"),
        Columns.micros(row, "last_heartbeat_us"),
        Columns.integer(row, "heartbeat_interval_seconds"),
        row.getLong("dropped_events"));
  }
}
