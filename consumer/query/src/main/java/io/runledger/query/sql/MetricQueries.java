package io.runledger.query.sql;

import io.runledger.config.Printable;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.metrics.LogCall;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.metrics.MetricSummary.Mark;
import io.runledger.query.runs.Run;
import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Statements about metrics: names, summaries, points. */
public final class MetricQueries {

  // What the view metrics splices, with the columns that it leaves out, attempt after attempt in
  // the order of their causes. CROSS JOIN keeps the order of the keys, so that a million points
  // need not be sorted. An ordinal that no fold has given yet is 0, and the ids decide.

  static final String POINTS =
      """
      SELECT s.name, s.attempt_id, s.writer_id, p.seq, p.step, p.epoch, p.at_us, p.value,
             coalesce(p.elapsed_seconds, round((p.at_us - a.started_us) / 1e6, 6)) AS elapsed_seconds
        FROM metric_series s
       CROSS JOIN run_attempts  a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id
       CROSS JOIN metric_points p ON p.series_id = s.series_id
       WHERE s.run_id = :run
         AND NOT (a.superseded_from_step IS NOT NULL AND p.step IS NOT NULL AND p.step >= a.superseded_from_step)
       ORDER BY s.name, a.ordinal, s.attempt_id, s.writer_id, p.seq
      """;

  static final String POINTS_OF_ONE =
      """
      SELECT s.name, s.attempt_id, s.writer_id, p.seq, p.step, p.epoch, p.at_us, p.value,
             coalesce(p.elapsed_seconds, round((p.at_us - a.started_us) / 1e6, 6)) AS elapsed_seconds
        FROM run_attempts a
       CROSS JOIN metric_series s ON s.run_id = a.run_id AND s.name = :name AND s.attempt_id = a.attempt_id
       CROSS JOIN metric_points p ON p.series_id = s.series_id
       WHERE a.run_id = :run
         AND NOT (a.superseded_from_step IS NOT NULL AND p.step IS NOT NULL AND p.step >= a.superseded_from_step)
       ORDER BY a.ordinal, a.attempt_id, s.writer_id, p.seq
      """;

  static final String LAST_POINTS =
      """
      SELECT s.name, s.attempt_id, s.writer_id, p.seq, p.step, p.epoch, p.at_us, p.value,
             coalesce(p.elapsed_seconds, round((p.at_us - a.started_us) / 1e6, 6)) AS elapsed_seconds
        FROM run_attempts a
       CROSS JOIN metric_series s ON s.run_id = a.run_id AND s.name = :name AND s.attempt_id = a.attempt_id
       CROSS JOIN metric_points p ON p.series_id = s.series_id
       WHERE a.run_id = :run
         AND NOT (a.superseded_from_step IS NOT NULL AND p.step IS NOT NULL AND p.step >= a.superseded_from_step)
       ORDER BY a.ordinal DESC, a.attempt_id DESC, s.writer_id DESC, p.seq DESC
       LIMIT :limit
      """;

  private static final String LOG_CALLS =
      """
      SELECT s.name, s.attempt_id, s.writer_id, p.seq, p.step, p.epoch, p.at_us, p.value,
             coalesce(p.elapsed_seconds, round((p.at_us - a.started_us) / 1e6, 6)) AS elapsed_seconds
        FROM metric_series s
       CROSS JOIN run_attempts  a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id
       CROSS JOIN metric_points p ON p.series_id = s.series_id
       WHERE s.run_id = :run
         AND NOT (a.superseded_from_step IS NOT NULL AND p.step IS NOT NULL AND p.step >= a.superseded_from_step)
       ORDER BY a.ordinal, s.attempt_id, s.writer_id, p.seq, s.name
      """;

  /** The ids come as one JSON array, so that one statement serves any number of them. */
  private static final String SUMMARIES =
      """
      SELECT s.run_id, s.name, s.count, s.nan_count, s.min_value, s.min_step, s.min_epoch,
             s.max_value, s.max_step, s.max_epoch, s.last_value, s.last_step, s.last_epoch, s.highest_epoch
        FROM json_each(:runs) wanted
       CROSS JOIN experiment_runs  r ON r.run_id = wanted.value AND r.deleted = 0
       CROSS JOIN metric_summaries s ON s.run_id = r.run_id
       ORDER BY s.run_id, s.name
      """;

  static final String TOTAL_EPOCHS =
      """
      SELECT (SELECT max(m.highest_epoch) FROM metric_summaries m WHERE m.run_id = :run) AS last,
             min((SELECT p.epoch FROM metric_points p WHERE p.series_id = s.series_id ORDER BY p.seq LIMIT 1)) AS first
        FROM metric_series s
       WHERE s.run_id = :run
      """;

  /** Of all runs that are not deleted; steps from name to name in the index of names. */
  static final String NAMES =
      """
      WITH RECURSIVE named (name) AS (
        SELECT min(name) FROM metric_summaries
         UNION ALL
        SELECT (SELECT min(s.name) FROM metric_summaries s WHERE s.name > named.name)
          FROM named
         WHERE named.name IS NOT NULL
      )
      SELECT name
        FROM named
       WHERE EXISTS (SELECT 1
                       FROM metric_summaries s
                      CROSS JOIN experiment_runs r ON r.run_id = s.run_id AND r.deleted = 0
                      WHERE s.name = named.name)
       ORDER BY name
      """;

  private MetricQueries() {}

  public static List<String> names(Handle handle) {
    return handle.createQuery(NAMES).mapTo(String.class).list();
  }

  static List<String> names(Handle handle, long run) {
    return handle
        .createQuery("SELECT name FROM metric_summaries WHERE run_id = :run ORDER BY name")
        .bind("run", run)
        .mapTo(String.class)
        .list();
  }

  /**
   * Makes sure that the run has the metric.
   *
   * @throws MetricNotFoundException when it has not
   */
  public static void require(Handle handle, Run run, String name) {
    boolean known =
        handle
            .createQuery("SELECT 1 FROM metric_summaries WHERE run_id = :run AND name = :name")
            .bind("run", run.id().value())
            .bind("name", name)
            .mapTo(Integer.class)
            .findOne()
            .isPresent();
    if (!known) {
      throw new MetricNotFoundException(
          "Run " + run.id() + " (" + Printable.line(run.label()) + ") has no metric",
          name,
          names(handle, run.id().value()));
    }
  }

  public static List<MetricSummary> summaries(Handle handle, RunId run) {
    return summaries(handle, List.of(run)).getOrDefault(run, List.of());
  }

  public static Map<RunId, List<MetricSummary>> summaries(Handle handle, Collection<RunId> runs) {
    Map<RunId, List<MetricSummary>> found = new LinkedHashMap<>();
    handle
        .createQuery(SUMMARIES)
        .bind(
            "runs",
            runs.stream()
                .map(run -> Long.toString(run.value()))
                .collect(Collectors.joining(",", "[", "]")))
        .map((row, context) -> Map.entry(new RunId(row.getLong("run_id")), summary(row)))
        .forEach(
            entry ->
                found
                    .computeIfAbsent(entry.getKey(), run -> new ArrayList<>())
                    .add(entry.getValue()));
    return found;
  }

  static OptionalLong totalEpochs(Handle handle, long run) {
    return handle
        .createQuery(TOTAL_EPOCHS)
        .bind("run", run)
        .map((row, context) -> epochs(Columns.real(row, "first"), Columns.real(row, "last")))
        .one();
  }

  /**
   * How many there are from the first to the last: whole ones are counted, and of fractions, which
   * say how far the training is, it is the way between them.
   */
  static OptionalLong epochs(OptionalDouble first, OptionalDouble last) {
    if (first.isEmpty() || last.isEmpty()) {
      return OptionalLong.empty();
    }
    double from = Math.floor(first.getAsDouble());
    double to = Math.ceil(last.getAsDouble());
    boolean whole = from == first.getAsDouble() && to == last.getAsDouble();
    // As a double, because the ends of a long are further apart than a long; casting saturates.
    return OptionalLong.of((long) (to - from + (whole ? 1 : 0)));
  }

  public static List<MetricPoint> points(Handle handle, long run) {
    return handle.createQuery(POINTS).bind("run", run).map((row, context) -> point(row)).list();
  }

  public static List<MetricPoint> points(Handle handle, long run, String name) {
    return handle
        .createQuery(POINTS_OF_ONE)
        .bind("run", run)
        .bind("name", name)
        .map((row, context) -> point(row))
        .list();
  }

  public static List<MetricPoint> lastPoints(Handle handle, long run, String name, int limit) {
    List<MetricPoint> backwards =
        new ArrayList<>(
            handle
                .createQuery(LAST_POINTS)
                .bind("run", run)
                .bind("name", name)
                .bind("limit", limit)
                .map((row, context) -> point(row))
                .list());
    Collections.reverse(backwards);
    return backwards;
  }

  public static List<LogCall> logCalls(Handle handle, long run) {
    List<LogCall> calls = new ArrayList<>();
    handle
        .createQuery(LOG_CALLS)
        .bind("run", run)
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

  private static MetricSummary summary(ResultSet row) throws SQLException {
    boolean anyNumber = row.getLong("count") > row.getLong("nan_count");
    return new MetricSummary(
        row.getString("name"),
        row.getLong("count"),
        row.getLong("nan_count"),
        anyNumber ? Optional.of(mark(row, "min")) : Optional.empty(),
        anyNumber ? Optional.of(mark(row, "max")) : Optional.empty(),
        mark(row, "last"),
        Columns.real(row, "highest_epoch"));
  }

  static Mark mark(ResultSet row, String which) throws SQLException {
    return new Mark(
        Columns.value(row, which + "_value"),
        Columns.number(row, which + "_step"),
        Columns.real(row, which + "_epoch"));
  }
}
