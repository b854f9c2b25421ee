package io.runledger.query.sql;

import io.runledger.query.dialect.Store;
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
 * @param cut from which step on a later attempt's points stood for them at that moment; one that
 *     resumes later cuts nothing, because its own points are not visited
 */
public record PointPages(
    RunId run, String metric, long attemptId, long writerId, long lastSeq, OptionalLong cut) {

  private static final int PAGE = 10_000;

  static final String PAGE_OF_POINTS =
      """
      SELECT p.name, p.attempt_id, p.writer_id, p.seq, p.step, p.epoch, p.at_us, p.value, p.elapsed_seconds
        FROM logged_points p
       WHERE p.run_id = :run AND p.name = :name AND p.attempt_id = :attempt AND p.writer_id = :writer
         AND p.seq > :after AND p.seq <= :last
         AND (p.step >= :cut) IS NOT TRUE
       ORDER BY p.seq
       LIMIT :page
      """;

  /** The series is found first, so that its key gives the points in order. */
  private static final String PAGE_OF_POSTGRES =
      """
      SELECT s.name, s.attempt_id, s.writer_id, p.seq, p.step, p.epoch, p.at_us, p.value,
             coalesce(p.elapsed_seconds, (CAST(p.at_us AS double precision) - a.started_us) / 1e6) AS elapsed_seconds
        FROM (SELECT *
                FROM metric_points
               WHERE series_id = (SELECT f.series_id
                                    FROM metric_series f
                                    JOIN experiment_runs r ON r.run_id = f.run_id AND r.deleted = 0
                                   WHERE f.run_id = :run AND f.name = :name AND f.attempt_id = :attempt AND f.writer_id = :writer)
                 AND seq > :after AND seq <= :last
                 AND (step >= :cut) IS NOT TRUE
               ORDER BY seq
               LIMIT :page) p
        JOIN metric_series s ON s.series_id = p.series_id
        JOIN run_attempts  a ON a.run_id = s.run_id AND a.attempt_id = s.attempt_id
       ORDER BY p.seq
      """;

  /** Of all attempts and writers of the run, in the order of logging. */
  public static List<PointPages> of(Handle handle, RunId run, String metric) {
    return Stretch.of(handle, run, metric).stream()
        .map(
            stretch ->
                new PointPages(
                    run,
                    metric,
                    stretch.attemptId(),
                    stretch.writerId(),
                    stretch.lastSeq(),
                    stretch.cut()))
        .toList();
  }

  /** The next points after one of them; empty when there are no more. */
  public List<MetricPoint> after(Handle handle, long seq) {
    return handle
        .createQuery(Store.of(handle).choose(PAGE_OF_POINTS, PAGE_OF_POSTGRES))
        .bind("run", run.value())
        .bind("name", metric)
        .bind("attempt", attemptId)
        .bind("writer", writerId)
        .bind("after", seq)
        .bind("last", lastSeq)
        .bind("cut", cut.isPresent() ? Long.valueOf(cut.getAsLong()) : null)
        .bind("page", PAGE)
        .map((row, context) -> PointQueries.point(row))
        .list();
  }
}
