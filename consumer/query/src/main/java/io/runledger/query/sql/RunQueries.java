package io.runledger.query.sql;

import io.runledger.query.dialect.Store;
import io.runledger.query.failure.RunNotFoundException;
import io.runledger.query.filter.FilterCondition;
import io.runledger.query.filter.Order;
import io.runledger.query.runs.Attempt;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunCursor;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.RunId;
import io.runledger.schemas.RunKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** Statements about runs and their attempts. */
public final class RunQueries {

  private static final String ONE = "SELECT r.* FROM run_overview r WHERE r.run_id = :run";

  /** The ids come as one JSON array, so that one statement serves any number of them. */
  static final String SOME =
      """
      SELECT r.*
        FROM json_each(:runs) wanted
       CROSS JOIN run_overview r
       WHERE r.run_id = wanted.value
      """;

  /** The columns of run_overview, which has no deleted ones. */
  private static final String DELETED =
      """
      SELECT r.*, NULL AS last_heartbeat_us, NULL AS heartbeat_interval_seconds,
             0 AS missing_events, 0 AS dropped_events
        FROM json_each(:runs) wanted
       CROSS JOIN experiment_runs r
       WHERE r.run_id = wanted.value AND r.deleted = 1
      """;

  /** Where a statement asks for the runs {@code r} that are meant, by {@link #matching}. */
  public static final String MATCHES =
      """
         AND {filter}
         AND (r.first_attempt_id, r.run_id) < (:after_attempt, :after_run)
      """;

  /** Walks the index of creation from its end: the cost is that of the rows shown and skipped. */
  static final String NEWEST =
      """
      SELECT r.*
        FROM run_overview r
       WHERE TRUE
      """
          + MATCHES
          + """
       ORDER BY r.first_attempt_id DESC, r.run_id DESC
       LIMIT :limit
      """;

  /** Scans the table: most filters check most rows, and no index avoids any of them. */
  static final String COUNT =
      """
      SELECT count(*)
        FROM experiment_runs r NOT INDEXED
       WHERE r.deleted = 0
      """
          + MATCHES;

  private static final String ATTEMPTS =
      """
      SELECT attempt_id, started_us, host, "user", pid, command, git_commit, git_dirty,
             resumed_from_step, superseded_from_step, config, config_truncated_bytes, config_drift,
             masked_keys, status, status_reason, status_source, exit_code, finished_us, status_rule,
             last_heartbeat_us, heartbeat_interval_seconds, dropped_events
        FROM run_attempts
       WHERE run_id = :run
       ORDER BY ordinal
      """;

  private RunQueries() {}

  public static Optional<Run> one(Handle handle, RunId run) {
    return handle
        .createQuery(ONE)
        .bind("run", run.value())
        .map((row, context) -> run(row))
        .findOne();
  }

  /**
   * The run.
   *
   * @throws RunNotFoundException when there is none, or it was deleted
   */
  public static Run existing(Handle handle, RunId run) {
    return one(handle, run).orElseThrow(() -> notFound(run));
  }

  static RunNotFoundException notFound(RunId run) {
    return new RunNotFoundException("There is no run " + run + ".");
  }

  /** Runs by their ids; one that is not there, or was deleted, is left out. */
  public static Map<RunId, Run> some(Handle handle, Collection<RunId> runs) {
    return some(handle, SOME, runs);
  }

  /** The same of those that were deleted. */
  public static Map<RunId, Run> deleted(Handle handle, Collection<RunId> runs) {
    return some(handle, DELETED, runs);
  }

  private static Map<RunId, Run> some(Handle handle, String statement, Collection<RunId> runs) {
    Map<RunId, Run> found = new HashMap<>();
    handle
        .createQuery(statement)
        .bind("runs", jsonArray(runs))
        .map((row, context) -> run(row))
        .forEach(run -> found.put(run.id(), run));
    return found;
  }

  /** As the functions of SQL for JSON read them. */
  public static String jsonArray(Collection<RunId> runs) {
    return runs.stream()
        .map(run -> Long.toString(run.value()))
        .collect(Collectors.joining(",", "[", "]"));
  }

  /** Whether it is {@link #newest} that gives its runs in its order. */
  public static boolean isNewestFirst(RunFilter filter) {
    return filter.order().equals(Order.NEWEST_FIRST);
  }

  /** At most {@code limit} of the matching runs, newest first. */
  public static List<Run> newest(Handle handle, RunFilter filter, int limit) {
    return matching(handle, NEWEST, filter.limited(limit))
        .bind("limit", limit)
        .map((row, context) -> run(row))
        .list();
  }

  public static long count(Handle handle, RunFilter filter) {
    if (!isNewestFirst(filter) && filter.after().isPresent()) {
      return RowQueries.count(handle, filter);
    }
    return matching(handle, COUNT, filter.limited(Integer.MAX_VALUE)).mapTo(Long.class).one();
  }

  /**
   * A statement for the runs that are meant, in the same way for every verb; how many and in which
   * order is for the statement, and a place in another order than the newest first is not looked
   * at.
   */
  public static Query matching(Handle handle, String statement, RunFilter filter) {
    FilterCondition condition =
        FilterCondition.of(filter.where(), Store.of(handle).dialect(Instant.now(), filter.limit()));
    Optional<RunCursor> after = filter.after().filter(last -> isNewestFirst(filter));
    return handle
        .createQuery(statement.replace("{filter}", condition.sql()))
        .bindMap(condition.bindings())
        .bind("after_attempt", after.map(RunCursor::firstAttemptId).orElse(Long.MAX_VALUE))
        .bind("after_run", after.map(last -> last.run().value()).orElse(Long.MAX_VALUE));
  }

  /** Oldest first. */
  public static List<Attempt> attempts(Handle handle, RunId run) {
    return handle
        .createQuery(ATTEMPTS)
        .bind("run", run.value())
        .map((row, context) -> attempt(row))
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
        row.getLong("first_attempt_id"),
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
