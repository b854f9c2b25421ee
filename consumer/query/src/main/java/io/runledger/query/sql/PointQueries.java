package io.runledger.query.sql;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.runledger.query.dialect.Store;
import io.runledger.query.metrics.LogCall;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** Statements about the points of a run that stand. */
public final class PointQueries {

  /**
   * Attempt after attempt, in the order of their causes. CROSS JOIN keeps the order of the keys, so
   * that a million points need not be sorted. An ordinal that no fold has given yet is 0, and the
   * ids decide.
   */
  private static final String STANDING =
      """
      SELECT p.name, p.attempt_id, p.writer_id, p.seq, p.step, p.epoch, p.at_us, p.value, p.elapsed_seconds
        FROM run_attempts a
       CROSS JOIN logged_points p ON p.run_id = a.run_id AND p.attempt_id = a.attempt_id
       WHERE a.run_id = :run AND NOT p.superseded
      """;

  static final String OF_ONE_METRIC =
      STANDING
          + """
         AND p.name = :name
       ORDER BY a.ordinal, a.attempt_id, p.writer_id, p.seq
      """;

  static final String OF_SOME_METRICS =
      STANDING
          + """
         AND p.name IN (SELECT value FROM json_each(:names))
       ORDER BY p.name, a.ordinal, a.attempt_id, p.writer_id, p.seq
      """;

  static final String LAST =
      STANDING
          + """
         AND p.name = :name
       ORDER BY a.ordinal DESC, a.attempt_id DESC, p.writer_id DESC, p.seq DESC
       LIMIT :limit
      """;

  /** Of each series the last ones, which its key gives; PostgreSQL would sort all points. */
  private static final String LAST_OF_POSTGRES =
      """
      SELECT s.name, s.attempt_id, s.writer_id, p.seq, p.step, p.epoch, p.at_us, p.value,
             coalesce(p.elapsed_seconds, (CAST(p.at_us AS double precision) - a.started_us) / 1e6) AS elapsed_seconds
        FROM experiment_runs r
        JOIN run_attempts  a ON a.run_id = r.run_id
        JOIN metric_series s ON s.run_id = r.run_id AND s.name = :name AND s.attempt_id = a.attempt_id
       CROSS JOIN LATERAL (SELECT *
                             FROM metric_points
                            WHERE series_id = s.series_id AND (step >= a.superseded_from_step) IS NOT TRUE
                            ORDER BY seq DESC
                            LIMIT :limit) p
       WHERE r.run_id = :run AND r.deleted = 0
       ORDER BY a.ordinal DESC, a.attempt_id DESC, s.writer_id DESC, p.seq DESC
       LIMIT :limit
      """;

  static final String BY_LOG_CALL =
      STANDING
          + """
       ORDER BY a.ordinal, a.attempt_id, p.writer_id, p.seq, p.name
      """;

  private PointQueries() {}

  public static List<MetricPoint> points(Handle handle, RunId run, String metric) {
    return handle
        .createQuery(OF_ONE_METRIC)
        .bind("run", run.value())
        .bind("name", metric)
        .map((row, context) -> point(row))
        .list();
  }

  /** Of some metrics, in the order of their names, each in the order of logging. */
  public static List<MetricPoint> points(Handle handle, RunId run, Collection<String> metrics) {
    ArrayNode names = JsonNodeFactory.instance.arrayNode();
    metrics.forEach(names::add);
    return handle
        .createQuery(OF_SOME_METRICS)
        .bind("run", run.value())
        .bind("names", names.toString())
        .map((row, context) -> point(row))
        .list();
  }

  /** The last ones, in the order of logging. */
  public static List<MetricPoint> last(Handle handle, RunId run, String metric, int limit) {
    List<MetricPoint> backwards =
        new ArrayList<>(
            handle
                .createQuery(Store.of(handle).choose(LAST, LAST_OF_POSTGRES))
                .bind("run", run.value())
                .bind("name", metric)
                .bind("limit", limit)
                .map((row, context) -> point(row))
                .list());
    Collections.reverse(backwards);
    return backwards;
  }

  public static List<LogCall> logCalls(Handle handle, RunId run) {
    List<LogCall> calls = new ArrayList<>();
    handle
        .createQuery(BY_LOG_CALL)
        .bind("run", run.value())
        .map((row, context) -> point(row))
        .forEach(point -> addTo(calls, point));
    return calls;
  }

  private static void addTo(List<LogCall> calls, MetricPoint point) {
    LogCall last = calls.isEmpty() ? null : calls.get(calls.size() - 1);
    boolean same =
        last != null
            && last.attemptId() == point.attemptId()
            && last.writerId() == point.writerId()
            && last.seq() == point.seq();
    if (!same) {
      last =
          new LogCall(
              point.attemptId(),
              point.writerId(),
              point.seq(),
              point.step(),
              point.epoch(),
              point.elapsedSeconds(),
              point.at(),
              new TreeMap<>());
      calls.add(last);
    }
    last.values().put(point.metric(), point.value());
  }

  static MetricPoint point(ResultSet row) throws SQLException {
    return new MetricPoint(
        row.getString("name"),
        row.getLong("attempt_id"),
        row.getLong("writer_id"),
        row.getLong("seq"),
        Columns.number(row, "step"),
        Columns.real(row, "epoch"),
        Columns.real(row, "elapsed_seconds"),
        Instant.EPOCH.plus(row.getLong("at_us"), ChronoUnit.MICROS),
        Columns.value(row, "value"));
  }
}
