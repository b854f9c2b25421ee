package io.runledger.query;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Finds the best runs of a metric without looking at every run: the index of the summaries gives
 * the values in the running, and only runs that have one of those are looked up.
 */
final class BestQueries {

  /** Values looked at first beyond those asked for, because some belong to runs left out. */
  private static final int SLACK = 32;

  /** How much wider each further look is. */
  private static final int WIDENING = 16;

  static final String LOWEST =
      """
      WITH bound AS MATERIALIZED (
        SELECT max(v) AS value
          FROM (SELECT min_value AS v
                  FROM metric_summaries
                 WHERE name = :metric AND min_value IS NOT NULL
                 ORDER BY min_value
                 LIMIT :window)
      )
      SELECT r.run_id, s.min_value AS best_value, s.min_step AS best_step, s.min_epoch AS best_epoch
        FROM metric_summaries s
       CROSS JOIN experiment_runs r ON r.run_id = s.run_id
       WHERE s.name = :metric AND s.min_value <= (SELECT value FROM bound)
         AND r.deleted = 0
         AND (:status     IS NULL OR r.status     = :status)
         AND (:experiment IS NULL OR r.experiment = :experiment)
         AND (:project    IS NULL OR r.project    = :project)
         AND (:tag        IS NULL OR EXISTS (SELECT 1 FROM json_each(r.tags) t WHERE t.value = :tag))
         AND (:since      IS NULL OR r.started_at >= :since)
       ORDER BY s.min_value, r.first_attempt_id, r.run_id
       LIMIT :limit
      """;

  static final String HIGHEST =
      """
      WITH bound AS MATERIALIZED (
        SELECT min(v) AS value
          FROM (SELECT max_value AS v
                  FROM metric_summaries
                 WHERE name = :metric AND max_value IS NOT NULL
                 ORDER BY max_value DESC
                 LIMIT :window)
      )
      SELECT r.run_id, s.max_value AS best_value, s.max_step AS best_step, s.max_epoch AS best_epoch
        FROM metric_summaries s
       CROSS JOIN experiment_runs r ON r.run_id = s.run_id
       WHERE s.name = :metric AND s.max_value >= (SELECT value FROM bound)
         AND r.deleted = 0
         AND (:status     IS NULL OR r.status     = :status)
         AND (:experiment IS NULL OR r.experiment = :experiment)
         AND (:project    IS NULL OR r.project    = :project)
         AND (:tag        IS NULL OR EXISTS (SELECT 1 FROM json_each(r.tags) t WHERE t.value = :tag))
         AND (:since      IS NULL OR r.started_at >= :since)
       ORDER BY s.max_value DESC, r.first_attempt_id, r.run_id
       LIMIT :limit
      """;

  private record Found(long runId, MetricSummary.Mark best) {}

  private BestQueries() {}

  static List<BestRun> best(Handle handle, String metric, Optimum optimum, RunFilter filter) {
    long values = countOfValues(handle, metric);
    List<Found> found = List.of();
    long window = Math.min(values, (long) filter.limit() + SLACK);
    while (values > 0) {
      found = look(handle, metric, optimum, filter, window);
      if (found.size() >= filter.limit() || window >= values) {
        break;
      }
      window = Math.min(values, window * WIDENING);
    }
    return found.stream()
        .map(
            one ->
                new BestRun(
                    RunQueries.one(handle, one.runId()).orElseThrow(), metric, optimum, one.best()))
        .toList();
  }

  private static List<Found> look(
      Handle handle, String metric, Optimum optimum, RunFilter filter, long window) {
    return handle
        .createQuery(optimum == Optimum.MIN ? LOWEST : HIGHEST)
        .bind("metric", metric)
        .bind("window", window)
        .bind("status", filter.status().map(status -> status.word()).orElse(null))
        .bind("experiment", filter.experiment().orElse(null))
        .bind("project", filter.project().orElse(null))
        .bind("tag", filter.tag().orElse(null))
        .bind("since", filter.since().map(Columns::textOf).orElse(null))
        .bind("limit", filter.limit())
        .map((row, context) -> found(row))
        .list();
  }

  private static long countOfValues(Handle handle, String metric) {
    long rows =
        handle
            .createQuery("SELECT count(*) FROM metric_summaries WHERE name = :metric")
            .bind("metric", metric)
            .mapTo(Long.class)
            .one();
    if (rows == 0) {
      throw new MetricNotFoundException("No run has a metric", metric, MetricQueries.names(handle));
    }
    return rows;
  }

  private static Found found(ResultSet row) throws SQLException {
    return new Found(row.getLong("run_id"), MetricQueries.mark(row, "best"));
  }
}
