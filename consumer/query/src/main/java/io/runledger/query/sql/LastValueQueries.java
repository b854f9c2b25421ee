package io.runledger.query.sql;

import io.runledger.query.metrics.LastValue;
import io.runledger.query.metrics.MetricPoint;
import io.runledger.query.metrics.SystemMetrics;
import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Finds the last value of runs by one point of each of their series, whose place is known. */
public final class LastValueQueries {

  static final String LAST_VALUES =
      """
      SELECT s.run_id, s.name, a.ordinal, s.attempt_id, p.step, p.epoch, p.at_us
        FROM json_each(:runs) wanted
       CROSS JOIN experiment_runs r ON r.run_id = wanted.value AND r.deleted = 0
       CROSS JOIN metric_series   s ON s.run_id = r.run_id
       CROSS JOIN run_attempts    a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id
       CROSS JOIN metric_points   p ON p.series_id = s.series_id AND p.seq = s.last_seq
       WHERE s.count > 0
       ORDER BY s.run_id, s.name, s.attempt_id
      """;

  /**
   * Of each series the point of the highest step that stands, of those of one step the latest; of
   * those of one metric it comes last. Where the last one that was logged is of the highest step,
   * which a series knows of itself, its place is known.
   */
  static final String NEWEST_POINTS =
      """
      SELECT s.run_id, s.name, s.attempt_id, s.writer_id, p.seq, p.step, p.epoch, p.elapsed_seconds, p.at_us, p.value
        FROM json_each(:runs) wanted
       CROSS JOIN experiment_runs r ON r.run_id = wanted.value
       CROSS JOIN metric_series   s ON s.run_id = r.run_id
       CROSS JOIN run_attempts    a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id
       CROSS JOIN metric_points   p ON p.series_id = s.series_id
         AND p.seq = CASE WHEN s.highest_step > coalesce(s.last_step, 0)
                          THEN (SELECT h.seq
                                  FROM metric_points h
                                 WHERE h.series_id = s.series_id AND (h.step >= a.superseded_from_step) IS NOT TRUE
                                 ORDER BY coalesce(h.step, 0) DESC, h.at_us DESC, h.seq DESC
                                 LIMIT 1)
                          ELSE s.last_seq
                     END
       WHERE s.count > 0
       ORDER BY s.run_id, s.name, coalesce(p.step, 0), p.at_us, a.ordinal, s.attempt_id, s.writer_id
      """;

  private record Candidate(long run, int ordinal, long attemptId, LastValue value) {}

  private static final Comparator<Candidate> NEWEST =
      Comparator.comparingInt(Candidate::ordinal)
          .thenComparingLong(Candidate::attemptId)
          .thenComparing(candidate -> !SystemMetrics.contain(candidate.value().metric()))
          .thenComparing(candidate -> candidate.value().at())
          .thenComparingLong(candidate -> candidate.value().step().orElse(Long.MIN_VALUE));

  private LastValueQueries() {}

  public static Map<RunId, LastValue> of(Handle handle, Collection<RunId> runs) {
    Map<Long, Candidate> newest = new HashMap<>();
    handle
        .createQuery(LAST_VALUES)
        .bind("runs", RunQueries.jsonArray(runs))
        .map((row, context) -> candidate(row))
        .forEach(
            found -> newest.merge(found.run(), found, (a, b) -> NEWEST.compare(b, a) > 0 ? b : a));
    return newest.values().stream()
        .collect(Collectors.toMap(found -> new RunId(found.run()), Candidate::value));
  }

  /**
   * Of each metric of these runs the point of the highest step, in the order of the metrics' names.
   */
  public static Map<RunId, List<MetricPoint>> points(Handle handle, Collection<RunId> runs) {
    Map<RunId, Map<String, MetricPoint>> newest = new HashMap<>();
    handle
        .createQuery(NEWEST_POINTS)
        .bind("runs", RunQueries.jsonArray(runs))
        .map((row, context) -> Map.entry(new RunId(row.getLong("run_id")), PointQueries.point(row)))
        .forEach(
            found ->
                newest
                    .computeIfAbsent(found.getKey(), run -> new TreeMap<>())
                    .put(found.getValue().metric(), found.getValue()));
    return newest.entrySet().stream()
        .collect(
            Collectors.toMap(Map.Entry::getKey, found -> List.copyOf(found.getValue().values())));
  }

  private static Candidate candidate(ResultSet row) throws SQLException {
    return new Candidate(
        row.getLong("run_id"),
        row.getInt("ordinal"),
        row.getLong("attempt_id"),
        new LastValue(
            row.getString("name"),
            Columns.number(row, "step"),
            Columns.real(row, "epoch"),
            Columns.micros(row, "at_us").orElseThrow()));
  }
}
