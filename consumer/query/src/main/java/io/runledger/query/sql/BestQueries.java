package io.runledger.query.sql;

import io.runledger.query.metrics.MetricSummary;
import io.runledger.query.metrics.Optimum;
import io.runledger.query.runs.BestRun;
import io.runledger.query.runs.Run;
import io.runledger.query.runs.RunFilter;
import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Finds the best runs of a metric without looking at every run: the index of the summaries gives
 * the runs in the lead, and only those are looked up. Where too many of them are left out, or the
 * last place is shared with runs beyond, more are looked up.
 */
public final class BestQueries {

  /** Runs looked up first beyond those asked for, because some are left out. */
  private static final int SLACK = 32;

  /** By what factor each further search is wider. */
  private static final int WIDENING = 16;

  /** The lower the rank the better; it is never what is shown, because it loses a zero's sign. */
  static final String LEADING =
      """
      WITH in_lead AS MATERIALIZED (
        SELECT run_id, iif(:lowest, min_value, -max_value) AS rank
          FROM metric_summaries
         WHERE name = :metric AND min_value IS NOT NULL
         ORDER BY rank
         LIMIT :window
      )
      SELECT r.run_id,
             iif(:lowest, s.min_value, s.max_value) AS best_value,
             iif(:lowest, s.min_step,  s.max_step)  AS best_step,
             iif(:lowest, s.min_epoch, s.max_epoch) AS best_epoch,
             l.rank < (SELECT max(rank) FROM in_lead) AS settled
        FROM in_lead l
       CROSS JOIN experiment_runs  r ON r.run_id = l.run_id
       CROSS JOIN metric_summaries s ON s.run_id = l.run_id AND s.name = :metric
       WHERE r.deleted = 0
      """
          + RunQueries.MATCHES
          + """
       ORDER BY l.rank, r.first_attempt_id, r.run_id
       LIMIT :limit
      """;

  /** NULL is a metric whose values were all NaN. */
  private static final String COUNT =
      """
      SELECT count(*)
        FROM metric_summaries s
       CROSS JOIN experiment_runs r ON r.run_id = s.run_id AND r.deleted = 0
       WHERE s.name = :metric AND s.min_value IS NOT NULL
      """
          + RunQueries.MATCHES;

  /** settled: no run beyond those looked up can share its place. */
  public record Found(RunId run, MetricSummary.Mark best, boolean settled) {}

  private BestQueries() {}

  public static List<BestRun> best(
      Handle handle, String metric, Optimum optimum, RunFilter filter) {
    return runs(handle, metric, optimum, ranked(handle, metric, optimum, filter));
  }

  /** Their order alone. */
  public static List<Found> ranked(
      Handle handle, String metric, Optimum optimum, RunFilter filter) {
    long window = (long) filter.limit() + SLACK;
    List<Found> found = look(handle, metric, optimum, filter, window);
    if (!isFinal(found, filter.limit())) {
      long runs = MetricQueries.requireOfAny(handle, metric);
      while (window < runs && !isFinal(found, filter.limit())) {
        window *= WIDENING;
        found = look(handle, metric, optimum, filter, window);
      }
    }
    return found;
  }

  /** The runs of that order; one that was deleted since is left out. */
  public static List<BestRun> runs(
      Handle handle, String metric, Optimum optimum, List<Found> order) {
    Map<RunId, Run> runs = RunQueries.some(handle, order.stream().map(Found::run).toList());
    return order.stream()
        .filter(one -> runs.containsKey(one.run()))
        .map(one -> new BestRun(runs.get(one.run()), metric, optimum, one.best()))
        .toList();
  }

  public static long count(Handle handle, String metric, RunFilter filter) {
    return RunQueries.matching(handle, COUNT, filter)
        .bind("metric", metric)
        .mapTo(Long.class)
        .one();
  }

  private static boolean isFinal(List<Found> found, int limit) {
    return found.size() == limit && found.get(limit - 1).settled();
  }

  private static List<Found> look(
      Handle handle, String metric, Optimum optimum, RunFilter filter, long window) {
    return RunQueries.matching(handle, LEADING, filter)
        .bind("lowest", optimum == Optimum.MIN)
        .bind("metric", metric)
        .bind("window", window)
        .bind("limit", filter.limit())
        .map((row, context) -> found(row))
        .list();
  }

  private static Found found(ResultSet row) throws SQLException {
    return new Found(
        new RunId(row.getLong("run_id")),
        MetricQueries.mark(row, "best"),
        Columns.flag(row, "settled"));
  }
}
