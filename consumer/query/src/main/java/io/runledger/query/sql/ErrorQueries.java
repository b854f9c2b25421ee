package io.runledger.query.sql;

import io.runledger.query.dialect.Store;
import io.runledger.query.dialect.TimeTexts;
import io.runledger.query.filter.FilterCondition;
import io.runledger.query.runs.ErrorFilter;
import io.runledger.query.runs.RunError;
import io.runledger.query.runs.RunError.Ending;
import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Statements about what went wrong: errors that were logged, and ends of attempts that logged none.
 * Each gives a page, behind the row whose key it is given.
 */
public final class ErrorQueries {

  // CROSS JOIN keeps the few errors and failed attempts outside and looks each one's run up,
  // whatever SQLite's statistics make it believe. The expressions are those of the indexes.

  /** A year out of range is not a time, and sorts last like an absent one. */
  private static final String ENDED_AT =
      "iif(a.finished_us BETWEEN -62135596800000000 AND 253402300799999999, a.finished_us, -62135596800000001)";

  static final String LOGGED =
      """
      SELECT e.run_id, r.run_name, e.attempt_id, e.exception_type, e.message, e.traceback,
             e.truncated_bytes, e.step, e.created_at, e.writer_id, e.seq, e.error_id
        FROM run_errors e
       CROSS JOIN experiment_runs r ON r.run_id = e.run_id AND r.deleted = 0
       WHERE ifnull(e.created_at, '') >= :since
         AND {filter}
         AND (ifnull(e.created_at, ''), e.attempt_id, e.writer_id, e.seq, e.error_id)
             < (:time, :attempt, :writer, :seq, :error)
       ORDER BY ifnull(e.created_at, '') DESC, e.attempt_id DESC, e.writer_id DESC, e.seq DESC, e.error_id DESC
       LIMIT :limit
      """;

  static final String LOGGED_OF_ATTEMPT =
      """
      SELECT e.run_id, r.run_name, e.attempt_id, e.exception_type, e.message, e.traceback,
             e.truncated_bytes, e.step, e.created_at, e.writer_id, e.seq, e.error_id
        FROM run_errors e
       CROSS JOIN experiment_runs r ON r.run_id = e.run_id AND r.deleted = 0
       WHERE e.run_id = :run AND e.attempt_id = :attempt
         AND ifnull(e.created_at, '') >= :since
         AND {filter}
         AND (ifnull(e.created_at, ''), e.writer_id, e.seq) < (:time, :writer, :seq)
       ORDER BY ifnull(e.created_at, '') DESC, e.writer_id DESC, e.seq DESC
       LIMIT :limit
      """;

  static final String ENDED =
      """
      SELECT a.run_id, r.run_name, a.attempt_id, a.status, a.status_reason, a.status_source, a.exit_code,
             ENDED_AT AS ended_us
        FROM run_attempts a
       CROSS JOIN experiment_runs r ON r.run_id = a.run_id AND r.deleted = 0
       WHERE a.status IN ('failed', 'timeout')
         AND ENDED_AT >= :since_us
         AND {filter}
         AND (ENDED_AT, a.attempt_id, a.run_id)
             < (:ended, :attempt, :run)
         AND NOT EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = a.run_id AND e.attempt_id = a.attempt_id)
       ORDER BY ENDED_AT DESC,
                a.attempt_id DESC, a.run_id DESC
       LIMIT :limit
      """
          .replace("ENDED_AT", ENDED_AT);

  private static final String END_OF_ATTEMPT =
      """
      SELECT a.run_id, r.run_name, a.attempt_id, a.status, a.status_reason, a.status_source, a.exit_code,
             ENDED_AT AS ended_us
        FROM run_attempts a
       CROSS JOIN experiment_runs r ON r.run_id = a.run_id AND r.deleted = 0
       WHERE a.run_id = :run AND a.attempt_id = :attempt AND a.status IN ('failed', 'timeout')
         AND ENDED_AT >= :since_us
         AND {filter}
         AND NOT EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = a.run_id AND e.attempt_id = a.attempt_id)
      """
          .replace("ENDED_AT", ENDED_AT);

  private static final String COUNT =
      """
      SELECT (SELECT count(*)
                FROM run_errors e
               CROSS JOIN experiment_runs r ON r.run_id = e.run_id AND r.deleted = 0
               WHERE (CAST(:run AS BIGINT) IS NULL OR e.run_id = :run) AND ifnull(e.created_at, '') >= :since
                 AND {filter})
           + (SELECT count(*)
                FROM run_attempts a
               CROSS JOIN experiment_runs r ON r.run_id = a.run_id AND r.deleted = 0
               WHERE (CAST(:run AS BIGINT) IS NULL OR a.run_id = :run) AND a.status IN ('failed', 'timeout')
                 AND ENDED_AT >= :since_us
                 AND {filter}
                 AND NOT EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = a.run_id AND e.attempt_id = a.attempt_id))
      """
          .replace("ENDED_AT", ENDED_AT);

  private static final String COUNT_RUNS =
      """
      SELECT count(*)
        FROM (SELECT e.run_id
                FROM run_errors e
               CROSS JOIN experiment_runs r ON r.run_id = e.run_id AND r.deleted = 0
               WHERE ifnull(e.created_at, '') >= :since
                 AND {filter}
               UNION
              SELECT a.run_id
                FROM run_attempts a
               CROSS JOIN experiment_runs r ON r.run_id = a.run_id AND r.deleted = 0
               WHERE a.status IN ('failed', 'timeout')
                 AND ENDED_AT >= :since_us
                 AND {filter}
                 AND NOT EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = a.run_id AND e.attempt_id = a.attempt_id)) failed
      """
          .replace("ENDED_AT", ENDED_AT);

  /** Stands for an end whose time is not known. */
  private static final long UNKNOWN_US = -62_135_596_800_000_001L;

  /** Greater than any time in its text form. */
  private static final String AFTER_ALL_TIMES = "~";

  /** An error and its place among those that are read by time. */
  record Keyed(RunError error, String time, long writerId, long seq, long errorId) {}

  /** An end and its place. */
  record KeyedEnd(RunError error, long endedMicros) {}

  private ErrorQueries() {}

  static List<Keyed> logged(Handle handle, ErrorFilter filter, Optional<Keyed> last, int limit) {
    return behind(matching(handle, LOGGED, filter), last)
        .bind("attempt", last.map(key -> key.error().attemptId()).orElse(Long.MAX_VALUE))
        .bind("error", last.map(Keyed::errorId).orElse(Long.MAX_VALUE))
        .bind("since", text(filter.since()))
        .bind("limit", limit)
        .map((row, context) -> keyed(row))
        .list();
  }

  static List<Keyed> logged(
      Handle handle, RunId run, long attempt, ErrorFilter filter, Optional<Keyed> last, int limit) {
    return behind(matching(handle, LOGGED_OF_ATTEMPT, filter), last)
        .bind("run", run.value())
        .bind("attempt", attempt)
        .bind("since", text(filter.since()))
        .bind("limit", limit)
        .map((row, context) -> keyed(row))
        .list();
  }

  /** All errors that one run logged. */
  public static List<RunError> loggedBy(Handle handle, RunId run) {
    return attemptsNewestFirst(handle, run).stream()
        .flatMap(
            attempt ->
                logged(handle, run, attempt, ErrorFilter.all(), Optional.empty(), Integer.MAX_VALUE)
                    .stream())
        .map(Keyed::error)
        .toList();
  }

  /** Of the runs that are meant; all else is for the statement. */
  private static Query matching(Handle handle, String statement, ErrorFilter filter) {
    FilterCondition condition =
        FilterCondition.of(filter.where(), Store.of(handle).dialect(Instant.now()));
    return handle
        .createQuery(statement.replace("{filter}", condition.sql()))
        .bindMap(condition.bindings());
  }

  private static Query behind(Query query, Optional<Keyed> last) {
    return query
        .bind("time", last.map(Keyed::time).orElse(AFTER_ALL_TIMES))
        .bind("writer", last.map(Keyed::writerId).orElse(Long.MAX_VALUE))
        .bind("seq", last.map(Keyed::seq).orElse(Long.MAX_VALUE));
  }

  static List<KeyedEnd> ended(
      Handle handle, ErrorFilter filter, Optional<KeyedEnd> last, int limit) {
    return matching(handle, ENDED, filter)
        .bind("ended", last.map(KeyedEnd::endedMicros).orElse(Long.MAX_VALUE))
        .bind("attempt", last.map(key -> key.error().attemptId()).orElse(Long.MAX_VALUE))
        .bind("run", last.map(key -> key.error().runId().value()).orElse(Long.MAX_VALUE))
        .bind("since_us", micros(filter.since()))
        .bind("limit", limit)
        .map((row, context) -> keyedEnd(row))
        .list();
  }

  /** How an attempt failed that logged no error; empty for all others. */
  static List<RunError> end(Handle handle, RunId run, long attempt, ErrorFilter filter) {
    return matching(handle, END_OF_ATTEMPT, filter)
        .bind("run", run.value())
        .bind("attempt", attempt)
        .bind("since_us", micros(filter.since()))
        .map((row, context) -> keyedEnd(row).error())
        .list();
  }

  static List<Long> attemptsNewestFirst(Handle handle, RunId run) {
    return handle
        .createQuery(
            "SELECT attempt_id FROM run_attempts WHERE run_id = :run ORDER BY ordinal DESC, attempt_id DESC")
        .bind("run", run.value())
        .mapTo(Long.class)
        .list();
  }

  /** How many match the filter, regardless of its limit. */
  public static long count(Handle handle, ErrorFilter filter) {
    Query query = matching(handle, filter.lastOfEachRun() ? COUNT_RUNS : COUNT, filter);
    if (!filter.lastOfEachRun()) {
      query.bind("run", filter.run().map(RunId::value).orElse(null));
    }
    return query
        .bind("since", text(filter.since()))
        .bind("since_us", micros(filter.since()))
        .mapTo(Long.class)
        .one();
  }

  private static String text(Optional<Instant> since) {
    return since.map(TimeTexts::textOf).orElse("");
  }

  /** To the second, like the texts. */
  private static long micros(Optional<Instant> since) {
    return since
        .map(instant -> TimeTexts.inYearsOfTexts(instant).getEpochSecond() * 1_000_000)
        .orElse(UNKNOWN_US);
  }

  private static Keyed keyed(ResultSet row) throws SQLException {
    RunError error =
        new RunError(
            new RunId(row.getLong("run_id")),
            Columns.text(row, "run_name"),
            row.getLong("attempt_id"),
            Columns.text(row, "exception_type"),
            Columns.text(row, "message"),
            Columns.text(row, "traceback"),
            row.getLong("truncated_bytes"),
            Columns.number(row, "step"),
            Columns.instant(row, "created_at"),
            Optional.empty());
    return new Keyed(
        error,
        Columns.text(row, "created_at").orElse(""),
        row.getLong("writer_id"),
        row.getLong("seq"),
        row.getLong("error_id"));
  }

  private static KeyedEnd keyedEnd(ResultSet row) throws SQLException {
    long endedMicros = row.getLong("ended_us");
    RunError error =
        new RunError(
            new RunId(row.getLong("run_id")),
            Columns.text(row, "run_name"),
            row.getLong("attempt_id"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            0,
            OptionalLong.empty(),
            endedMicros == UNKNOWN_US
                ? Optional.empty()
                : Columns.micros(row, "ended_us").map(at -> at.truncatedTo(ChronoUnit.SECONDS)),
            Optional.of(
                new Ending(
                    Columns.status(row, "status"),
                    Columns.integer(row, "exit_code"),
                    Columns.text(row, "status_reason"),
                    Columns.source(row, "status_source"))));
    return new KeyedEnd(error, endedMicros);
  }
}
