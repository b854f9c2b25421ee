package io.runledger.query.sql;

import io.runledger.schemas.RunId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * The points that one writer logged of one metric, as they were at a moment.
 *
 * @param seriesId where they are in this generation of the database
 * @param count how many of them stand
 * @param cut from which step on a later attempt's points stand for them
 * @param whole whether all of them count nevertheless
 * @param startedMicros when its attempt began
 * @param isPlain whether all values that count are numbers, and so small that any sum of them is
 *     one
 */
public record Stretch(
    long seriesId,
    long attemptId,
    long writerId,
    long count,
    long firstSeq,
    long lastSeq,
    OptionalLong cut,
    boolean whole,
    OptionalLong startedMicros,
    boolean isPlain) {

  private static final String ALL =
      """
      SELECT s.series_id, s.attempt_id, s.writer_id, s.count, s.last_seq, a.started_us,
             a.superseded_from_step AS cut,
             (s.highest_step >= a.superseded_from_step) IS NOT TRUE AS whole,
             s.nan_count = 0 AND s.min_value >= -1e300 AND s.max_value <= 1e300 AS plain,
             (SELECT p.seq FROM metric_points p WHERE p.series_id = s.series_id ORDER BY p.seq LIMIT 1) AS first_seq
        FROM run_attempts a
       CROSS JOIN metric_series s ON s.run_id = a.run_id AND s.name = :name AND s.attempt_id = a.attempt_id
       WHERE a.run_id = :run AND s.count > 0
       ORDER BY a.ordinal, a.attempt_id, s.writer_id
      """;

  /** Of all attempts and writers of the run, in the order of logging. */
  public static List<Stretch> of(Handle handle, RunId run, String metric) {
    return handle
        .createQuery(ALL)
        .bind("run", run.value())
        .bind("name", metric)
        .map((row, context) -> stretch(row))
        .list();
  }

  private static Stretch stretch(ResultSet row) throws SQLException {
    return new Stretch(
        row.getLong("series_id"),
        row.getLong("attempt_id"),
        row.getLong("writer_id"),
        row.getLong("count"),
        row.getLong("first_seq"),
        row.getLong("last_seq"),
        Columns.number(row, "cut"),
        Columns.flag(row, "whole"),
        Columns.number(row, "started_us"),
        Columns.flag(row, "plain"));
  }
}
