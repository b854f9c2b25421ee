package io.runledger.query.sql;

import io.runledger.query.metrics.MetricPoint;
import io.runledger.schemas.RunId;
import java.util.List;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * The points that one writer logged of one metric, up to the last one at a moment: points are only
 * added, so pages that are read later are those of that moment. It is named by what stays the same
 * when a rebuild takes the database's place between two pages.
 *
 * @param cut from which step on a later attempt's points stand for them
 */
public record PointPages(
    RunId run, String metric, long attemptId, long writerId, long lastSeq, OptionalLong cut) {

  private static final int PAGE = 10_000;

  private static final String ALL =
      """
      SELECT s.attempt_id, s.writer_id, s.last_seq, a.superseded_from_step
        FROM metric_series s
       CROSS JOIN run_attempts a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id
       WHERE s.run_id = :run AND s.name = :name AND s.count > 0
       ORDER BY s.attempt_id, s.writer_id
      """;

  static final String PAGE_OF_POINTS =
      """
      SELECT s.name, s.attempt_id, s.writer_id, p.seq, p.step, p.epoch, p.at_us, p.value,
             coalesce(p.elapsed_seconds, round((p.at_us - a.started_us) / 1e6, 6)) AS elapsed_seconds
        FROM metric_series s
       CROSS JOIN run_attempts  a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id
       CROSS JOIN metric_points p ON p.series_id = s.series_id
       WHERE s.run_id = :run AND s.name = :name AND s.attempt_id = :attempt AND s.writer_id = :writer
         AND p.seq > :after AND p.seq <= :last
         AND NOT (:cut IS NOT NULL AND p.step IS NOT NULL AND p.step >= :cut)
       ORDER BY p.seq
       LIMIT :page
      """;

  /** Of all attempts and writers of the run, in the order of logging. */
  public static List<PointPages> of(Handle handle, RunId run, String metric) {
    return handle
        .createQuery(ALL)
        .bind("run", run.value())
        .bind("name", metric)
        .map(
            (row, context) ->
                new PointPages(
                    run,
                    metric,
                    row.getLong("attempt_id"),
                    row.getLong("writer_id"),
                    row.getLong("last_seq"),
                    Columns.number(row, "superseded_from_step")))
        .list();
  }

  /** The next points after one of them; empty when there are no more. */
  public List<MetricPoint> after(Handle handle, long seq) {
    return handle
        .createQuery(PAGE_OF_POINTS)
        .bind("run", run.value())
        .bind("name", metric)
        .bind("attempt", attemptId)
        .bind("writer", writerId)
        .bind("after", seq)
        .bind("last", lastSeq)
        .bind("cut", cut.isPresent() ? Long.valueOf(cut.getAsLong()) : null)
        .bind("page", PAGE)
        .map((row, context) -> MetricQueries.point(row))
        .list();
  }
}
