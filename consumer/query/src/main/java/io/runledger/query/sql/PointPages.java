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
        .createQuery(PAGE_OF_POINTS)
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
