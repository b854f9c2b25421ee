package io.runledger.query.sql.columns;

import io.runledger.query.dialect.Store;
import io.runledger.query.filter.Bindings;
import io.runledger.query.filter.FilterCondition;
import io.runledger.query.overview.DeadLetter;
import io.runledger.query.overview.ErrorGroup;
import io.runledger.query.overview.LedgerState;
import io.runledger.query.overview.LedgerState.Position;
import io.runledger.query.overview.MissingEvents;
import io.runledger.query.runs.RunFilter;
import io.runledger.query.runs.StreamGap;
import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** Statements about the ledger as a whole. */
public final class OverviewQueries {

  /** A group's other columns are those of the row with the latest time: so SQLite defines it. */
  private static final String ERRORS =
      """
      SELECT type, line, count(*) AS errors, count(DISTINCT run_id) AS runs, min(at) AS first_at,
             max(ifnull(at, '')) AS last_at, run_id AS last_run
        FROM (SELECT e.run_id, e.exception_type AS type, e.created_at AS at,
                     substr(e.message, 1, min(300, instr(e.message || char(10), char(10)) - 1)) AS line
                FROM run_errors e
               CROSS JOIN experiment_runs r ON r.run_id = e.run_id AND r.deleted = 0
               WHERE {filter}
               UNION ALL
              SELECT a.run_id, NULL, strftime('%Y-%m-%d %H:%M:%S', a.finished_us / 1000000, 'unixepoch'),
                     substr(coalesce(a.status_reason, 'exit code ' || a.exit_code, a.status), 1, 300)
                FROM run_attempts a
               CROSS JOIN experiment_runs r ON r.run_id = a.run_id AND r.deleted = 0
               WHERE a.status IN ('failed', 'timeout')
                 AND NOT EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = a.run_id AND e.attempt_id = a.attempt_id)
                 AND {filter})
       GROUP BY type, line
       ORDER BY errors DESC, last_at DESC
       LIMIT :limit
      """;

  private static final String ERRORS_OF_POSTGRES =
      """
      SELECT type, line, count(*) AS errors, count(DISTINCT run_id) AS runs, min(at) AS first_at,
             max(coalesce(at, '')) AS last_at, (array_agg(run_id ORDER BY coalesce(at, '') DESC))[1] AS last_run
        FROM (SELECT e.run_id, e.exception_type AS type, e.created_at AS at,
                     left(split_part(e.message, chr(10), 1), 300) AS line
                FROM run_errors e
                JOIN experiment_runs r ON r.run_id = e.run_id AND r.deleted = 0
               WHERE {filter}
               UNION ALL
              SELECT a.run_id, NULL, utc_text(a.finished_us),
                     left(coalesce(a.status_reason, 'exit code ' || a.exit_code, a.status), 300)
                FROM run_attempts a
                JOIN experiment_runs r ON r.run_id = a.run_id AND r.deleted = 0
               WHERE a.status IN ('failed', 'timeout')
                 AND NOT EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = a.run_id AND e.attempt_id = a.attempt_id)
                 AND {filter}) failed
       GROUP BY type, line
       ORDER BY errors DESC, last_at DESC
       LIMIT :limit
      """;

  private static final String DEAD_LETTERS =
      """
      SELECT dead_letter_id, topic, partition, "offset", length(value) AS bytes, reason, detail, state, tries,
             disposition
        FROM dead_letters
       ORDER BY dead_letter_id DESC
       LIMIT :limit
      """;

  private static final String MISSING =
      """
      SELECT g.run_id, r.run_name, g.attempt_id, g.writer_id, g.topic, g.missing, g.seen
        FROM stream_gaps g
       CROSS JOIN experiment_runs r ON r.run_id = g.run_id AND r.deleted = 0
       ORDER BY g.missing DESC
       LIMIT :limit
      """;

  private static final String RUNS =
      "SELECT status, count(*) AS count FROM experiment_runs WHERE deleted = 0 GROUP BY status";

  private static final String LETTERS =
      "SELECT state, count(*) AS count FROM dead_letters GROUP BY state";

  private static final String MISSING_EVENTS =
      "SELECT CAST(total(missing) AS INTEGER) FROM stream_gaps";

  private static final String BYTES =
      "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";

  private static final String BYTES_OF_POSTGRES =
      """
      SELECT CAST(coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bigint)
        FROM pg_class c
       WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND c.relkind = 'r'
      """;

  private OverviewQueries() {}

  /** The most frequent first. */
  public static List<ErrorGroup> errors(Handle handle, RunFilter filter) {
    Bindings bindings = new Bindings("filter");
    String condition =
        FilterCondition.sql(filter.where(), Store.of(handle).dialect(Instant.now()), bindings);
    return handle
        .createQuery(
            Store.of(handle).choose(ERRORS, ERRORS_OF_POSTGRES).replace("{filter}", condition))
        .bindMap(bindings.values())
        .bind("limit", filter.limit())
        .map(
            (row, context) ->
                new ErrorGroup(
                    text(row, "type"),
                    text(row, "line"),
                    row.getLong("errors"),
                    row.getLong("runs"),
                    text(row, "first_at"),
                    text(row, "last_at").filter(at -> !at.isEmpty()),
                    new RunId(row.getLong("last_run"))))
        .list();
  }

  /** The newest first. */
  public static List<DeadLetter> deadLetters(Handle handle, int limit) {
    return handle
        .createQuery(DEAD_LETTERS)
        .bind("limit", limit)
        .map(
            (row, context) ->
                new DeadLetter(
                    row.getLong("dead_letter_id"),
                    row.getString("topic"),
                    row.getInt("partition"),
                    row.getLong("offset"),
                    number(row, "bytes"),
                    row.getString("reason"),
                    row.getString("detail"),
                    row.getString("state"),
                    row.getLong("tries"),
                    text(row, "disposition")))
        .list();
  }

  /** The streams that miss most first. */
  public static List<MissingEvents> missing(Handle handle, int limit) {
    return handle
        .createQuery(MISSING)
        .bind("limit", limit)
        .map(
            (row, context) ->
                new MissingEvents(
                    new RunId(row.getLong("run_id")),
                    text(row, "run_name"),
                    new StreamGap(
                        row.getLong("attempt_id"),
                        row.getLong("writer_id"),
                        row.getString("topic"),
                        row.getLong("missing"),
                        row.getString("seen"))))
        .list();
  }

  public static LedgerState state(Handle handle) {
    Map<String, String> info = new TreeMap<>();
    handle
        .createQuery("SELECT name, value FROM projection_info")
        .map((row, context) -> Map.entry(row.getString("name"), row.getString("value")))
        .forEach(entry -> info.put(entry.getKey(), entry.getValue()));
    return new LedgerState(
        new TreeMap<>(info),
        counts(handle, RUNS),
        counts(handle, LETTERS),
        one(handle, MISSING_EVENTS),
        one(handle, "SELECT count(*) FROM gaps"),
        handle
            .createQuery(
                "SELECT topic, partition, cluster_id LIKE 'spool:%' AS is_file, next_offset FROM positions ORDER BY topic, partition")
            .map(
                (row, context) ->
                    new Position(
                        row.getString("topic"),
                        row.getInt("partition"),
                        row.getBoolean("is_file"),
                        row.getLong("next_offset")))
            .list(),
        one(handle, "SELECT coalesce(sum(events), 0) FROM event_streams"),
        one(handle, Store.of(handle).choose(BYTES, BYTES_OF_POSTGRES)));
  }

  private static Map<String, Long> counts(Handle handle, String statement) {
    Map<String, Long> counts = new LinkedHashMap<>();
    handle
        .createQuery(statement)
        .map((row, context) -> Map.entry(row.getString(1), row.getLong("count")))
        .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
    return counts;
  }

  private static long one(Handle handle, String statement) {
    return handle.createQuery(statement).mapTo(Long.class).one();
  }

  private static Optional<String> text(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getString(column));
  }

  private static OptionalLong number(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
