package io.runledger.query.sql;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.runledger.query.overview.StreamEnd;
import io.runledger.query.runs.Artifact;
import io.runledger.query.runs.DroppedEvents;
import io.runledger.query.runs.LogGap;
import io.runledger.query.runs.RunResults;
import io.runledger.query.runs.StatusClaim;
import io.runledger.query.runs.StreamGap;
import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * Statements about what the events of one run said, attempt after attempt in the order of causes;
 * an attempt that no fold has given a place yet goes first.
 */
public final class FactQueries {

  private static final String ARTIFACTS =
      """
      SELECT f.attempt_id, f.artifact_type, f.filepath, f.size_bytes, f.sha256, f.metadata, f.created_at
        FROM artifacts f
        LEFT JOIN run_attempts a ON a.run_id = f.run_id AND a.attempt_id = f.attempt_id
       WHERE f.run_id = :run
       ORDER BY a.ordinal NULLS FIRST, f.attempt_id, f.writer_id, f.seq
      """;

  private static final String ARTIFACTS_OF_TYPES =
      """
      SELECT f.run_id, f.attempt_id, f.artifact_type, f.filepath, f.size_bytes, f.sha256, f.metadata, f.created_at
        FROM json_each(:runs) wanted
       CROSS JOIN artifacts f ON f.run_id = wanted.value
       WHERE f.artifact_type IN (SELECT value FROM json_each(:types))
       ORDER BY f.run_id, f.attempt_id, f.writer_id, f.seq
      """;

  private static final String RESULTS =
      """
      SELECT f.attempt_id, f.results, f.created_at
        FROM run_results f
        LEFT JOIN run_attempts a ON a.run_id = f.run_id AND a.attempt_id = f.attempt_id
       WHERE f.run_id = :run
       ORDER BY a.ordinal NULLS FIRST, f.attempt_id, f.writer_id, f.seq
      """;

  private static final String CLAIMS =
      """
      SELECT f.attempt_id, f.writer_id, f.at_us, f.status, f.exit_code, f.reason, f.source
        FROM run_status_changes f
        LEFT JOIN run_attempts a ON a.run_id = f.run_id AND a.attempt_id = f.attempt_id
       WHERE f.run_id = :run
       ORDER BY a.ordinal NULLS FIRST, f.attempt_id, f.writer_id, f.seq
      """;

  private static final String GAPS =
      """
      SELECT f.attempt_id, f.writer_id, f.topic, f.missing, f.seen
        FROM stream_gaps f
        LEFT JOIN run_attempts a ON a.run_id = f.run_id AND a.attempt_id = f.attempt_id
       WHERE f.run_id = :run
       ORDER BY a.ordinal NULLS FIRST, f.attempt_id, f.writer_id, f.topic
      """;

  private static final String DROPPED =
      """
      SELECT f.attempt_id, f.topic, f.reason, CAST(total(f.count) AS INTEGER) AS count
        FROM dropped_events f
        LEFT JOIN run_attempts a ON a.run_id = f.run_id AND a.attempt_id = f.attempt_id
       WHERE f.run_id = :run
       GROUP BY f.attempt_id, f.topic, f.reason
       ORDER BY min(a.ordinal) NULLS FIRST, f.attempt_id, f.topic, f.reason
      """;

  private static final String STREAMS =
      """
      SELECT s.run_id, s.attempt_id, s.writer_id, s.topic, s.last_seq, s.events
        FROM json_each(:runs) wanted
       CROSS JOIN event_streams s ON s.run_id = wanted.value
       ORDER BY s.run_id, s.attempt_id, s.writer_id, s.topic
      """;

  /** The newest attempts' alone: an older one's end is not the run's. */
  private static final String ENDS =
      """
      SELECT r.run_id, a.finished_us
        FROM json_each(:runs) wanted
       CROSS JOIN experiment_runs r ON r.run_id = wanted.value
       CROSS JOIN run_attempts    a ON a.run_id = r.run_id AND a.attempt_id = r.last_attempt_id
       WHERE a.finished_us IS NOT NULL
      """;

  /** Of all runs together. */
  private static final String LOG_GAPS =
      """
      SELECT topic, partition, from_offset, to_offset, reason
        FROM gaps
       ORDER BY topic, partition, from_offset
      """;

  private FactQueries() {}

  public static List<Artifact> artifacts(Handle handle, RunId run) {
    return of(handle, ARTIFACTS, run, (row, context) -> artifact(row));
  }

  /** Those of some types, of many runs in one go. */
  public static Map<RunId, List<Artifact>> artifacts(
      Handle handle, Collection<RunId> runs, Collection<String> types) {
    ArrayNode names = JsonNodeFactory.instance.arrayNode();
    types.forEach(names::add);
    Map<RunId, List<Artifact>> found = new HashMap<>();
    handle
        .createQuery(ARTIFACTS_OF_TYPES)
        .bind("runs", RunQueries.jsonArray(runs))
        .bind("types", names.toString())
        .map((row, context) -> Map.entry(new RunId(row.getLong("run_id")), artifact(row)))
        .forEach(
            one ->
                found.computeIfAbsent(one.getKey(), run -> new ArrayList<>()).add(one.getValue()));
    return found;
  }

  private static Artifact artifact(ResultSet row) throws SQLException {
    return new Artifact(
        row.getLong("attempt_id"),
        row.getString("artifact_type"),
        row.getString("filepath"),
        Columns.number(row, "size_bytes"),
        Columns.text(row, "sha256"),
        Columns.text(row, "metadata"),
        Columns.instant(row, "created_at"));
  }

  public static List<RunResults> results(Handle handle, RunId run) {
    return of(
        handle,
        RESULTS,
        run,
        (row, context) ->
            new RunResults(
                row.getLong("attempt_id"),
                row.getString("results"),
                Columns.instant(row, "created_at")));
  }

  public static List<StatusClaim> claims(Handle handle, RunId run) {
    return of(
        handle,
        CLAIMS,
        run,
        (row, context) ->
            new StatusClaim(
                row.getLong("attempt_id"),
                row.getLong("writer_id"),
                Columns.micros(row, "at_us").orElseThrow(),
                Columns.status(row, "status"),
                Columns.integer(row, "exit_code"),
                Columns.text(row, "reason"),
                Columns.source(row, "source").orElseThrow()));
  }

  public static List<StreamGap> gaps(Handle handle, RunId run) {
    return of(
        handle,
        GAPS,
        run,
        (row, context) ->
            new StreamGap(
                row.getLong("attempt_id"),
                row.getLong("writer_id"),
                row.getString("topic"),
                row.getLong("missing"),
                row.getString("seen")));
  }

  public static Map<RunId, List<StreamEnd>> streams(Handle handle, Collection<RunId> runs) {
    Map<RunId, List<StreamEnd>> found = new HashMap<>();
    handle
        .createQuery(STREAMS)
        .bind("runs", RunQueries.jsonArray(runs))
        .map((row, context) -> Map.entry(new RunId(row.getLong("run_id")), stream(row)))
        .forEach(
            one ->
                found.computeIfAbsent(one.getKey(), run -> new ArrayList<>()).add(one.getValue()));
    return found;
  }

  private static StreamEnd stream(ResultSet row) throws SQLException {
    return new StreamEnd(
        row.getLong("attempt_id"),
        row.getLong("writer_id"),
        row.getString("topic"),
        row.getLong("last_seq"),
        row.getLong("events"));
  }

  public static Map<RunId, Instant> ends(Handle handle, Collection<RunId> runs) {
    Map<RunId, Instant> ends = new HashMap<>();
    handle
        .createQuery(ENDS)
        .bind("runs", RunQueries.jsonArray(runs))
        .map(
            (row, context) ->
                Map.entry(
                    new RunId(row.getLong("run_id")),
                    Columns.micros(row, "finished_us").orElseThrow()))
        .forEach(end -> ends.put(end.getKey(), end.getValue()));
    return ends;
  }

  public static List<DroppedEvents> dropped(Handle handle, RunId run) {
    return of(
        handle,
        DROPPED,
        run,
        (row, context) ->
            new DroppedEvents(
                row.getLong("attempt_id"),
                row.getString("topic"),
                row.getLong("count"),
                row.getString("reason")));
  }

  public static List<LogGap> logGaps(Handle handle) {
    return handle
        .createQuery(LOG_GAPS)
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

  private static <T> List<T> of(Handle handle, String sql, RunId run, RowMapper<T> mapper) {
    return handle.createQuery(sql).bind("run", run.value()).map(mapper).list();
  }
}
