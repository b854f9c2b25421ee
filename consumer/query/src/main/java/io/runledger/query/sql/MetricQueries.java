package io.runledger.query.sql;

import io.runledger.config.Printable;
import io.runledger.query.failure.MetricNotFoundException;
import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.metrics.MetricSummary.Mark;
import io.runledger.query.runs.Run;
import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/** Statements about metrics: names and summaries. */
public final class MetricQueries {

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
      SELECT s.run_id,
             (SELECT max(m.highest_epoch) FROM metric_summaries m WHERE m.run_id = s.run_id) AS last,
             min((SELECT p.epoch FROM metric_points p WHERE p.series_id = s.series_id ORDER BY p.seq LIMIT 1)) AS first
        FROM json_each(:runs) wanted
       CROSS JOIN metric_series s ON s.run_id = wanted.value
       GROUP BY s.run_id
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

  private static final String RUNS_WITH =
      """
      SELECT count(*)
        FROM metric_summaries s
       CROSS JOIN experiment_runs r ON r.run_id = s.run_id AND r.deleted = 0
       WHERE s.name = :metric
      """;

  private MetricQueries() {}

  public static List<String> names(Handle handle) {
    return handle.createQuery(NAMES).mapTo(String.class).list();
  }

  static List<String> names(Handle handle, RunId run) {
    return handle
        .createQuery("SELECT name FROM metric_summaries WHERE run_id = :run ORDER BY name")
        .bind("run", run.value())
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
          names(handle, run.id()));
    }
  }

  /**
   * How many runs have the metric.
   *
   * @throws MetricNotFoundException when none has
   */
  public static long requireOfAny(Handle handle, String name) {
    long runs = handle.createQuery(RUNS_WITH).bind("metric", name).mapTo(Long.class).one();
    if (runs == 0) {
      throw new MetricNotFoundException("No run has a metric", name, names(handle));
    }
    return runs;
  }

  public static List<MetricSummary> summaries(Handle handle, RunId run) {
    return summaries(handle, List.of(run)).getOrDefault(run, List.of());
  }

  public static Map<RunId, List<MetricSummary>> summaries(Handle handle, Collection<RunId> runs) {
    Map<RunId, List<MetricSummary>> found = new LinkedHashMap<>();
    handle
        .createQuery(SUMMARIES)
        .bind("runs", RunQueries.jsonArray(runs))
        .map((row, context) -> Map.entry(new RunId(row.getLong("run_id")), summary(row)))
        .forEach(
            entry ->
                found
                    .computeIfAbsent(entry.getKey(), run -> new ArrayList<>())
                    .add(entry.getValue()));
    return found;
  }

  /** Of each run that logged any epoch, how many there are. */
  static Map<RunId, Long> totalEpochs(Handle handle, Collection<RunId> runs) {
    Map<RunId, Long> found = new HashMap<>();
    handle
        .createQuery(TOTAL_EPOCHS)
        .bind("runs", RunQueries.jsonArray(runs))
        .map(
            (row, context) ->
                Map.entry(
                    new RunId(row.getLong("run_id")),
                    epochs(Columns.real(row, "first"), Columns.real(row, "last"))))
        .forEach(entry -> entry.getValue().ifPresent(epochs -> found.put(entry.getKey(), epochs)));
    return found;
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
